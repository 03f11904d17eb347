import { type ImageReference, InvalidInputError, type Problem } from '../contracts';
import { imageProblems } from '../kubernetes/problems/image';
import type { Provided } from './provided';

/**
 * An image that exists. Nothing is asked of its registry: the nodes will have to get in there themselves, or
 * `pullSecrets` for them.
 *
 * @throws InvalidInputError where it is not pinned
 */
export function existingImage(image: ImageReference, path = 'image'): Provided<ImageReference> {
  const problems = existingImageProblems(image, path);
  if (problems.length > 0) throw new InvalidInputError(path, problems);
  return { contract: image, objects: [], ready: [] };
}

/** Why an image reference is not pinned, if it is not. */
export function existingImageProblems(image: ImageReference, path = 'image'): Problem[] {
  const { repository, digest } = image;
  const problems: Problem[] = [];
  if (!/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+$/.test(repository)) {
    const reason = 'is not a registry and repository, without a tag';
    problems.push({
      path: `${path}.repository`,
      value: repository,
      reason,
      mend: 'write one such as ghcr.io/acme/chat',
    });
  }
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    const reason = 'is not a digest';
    problems.push({
      path: `${path}.digest`,
      value: digest,
      reason,
      mend: 'write sha256: and 64 hexadecimal digits',
    });
  }
  return [...problems, ...imageProblems(path, image)];
}
