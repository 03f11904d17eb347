import type { ImageReference } from '../../../constructs/contracts/image-reference';
import { type Parsed, typeOf } from '../../../constructs/contracts/units';
import { parsed } from './fields';

const REFERENCE =
  /^((?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/i;

/** Reads `repository:tag`, `repository@sha256:…` or both. Refuses what may be another image tomorrow. */
function parseImage(text: unknown): Parsed<ImageReference> {
  if (typeof text !== 'string') {
    return fault(`is ${typeOf(text)}; an image is meant`, 'write registry/repository:tag, in one text');
  }
  const match = REFERENCE.exec(text);
  const repository = match?.[1];
  if (match === null || repository === undefined) {
    return fault('is not an image', 'write registry/repository:tag or registry/repository@sha256:…');
  }
  if (repository !== repository.toLowerCase()) {
    return fault(
      'has upper-case letters in its repository',
      `did you mean ${text.replace(repository, repository.toLowerCase())}?`,
    );
  }
  const [, , tag, digest] = match;
  if (digest === undefined && tag === undefined) {
    return fault(
      'has neither tag nor digest, which means latest',
      `pin it: ${repository}:1.2.3 or ${repository}@sha256:…`,
    );
  }
  if (digest === undefined && !/\d/.test(tag ?? '')) {
    return fault(
      `has the tag ${tag}, which may be another image tomorrow`,
      `pin it: ${repository}:1.2.3 or ${repository}@sha256:…`,
    );
  }
  return {
    ok: true,
    value: { repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) },
  };
}

/** A pinned image: text in the file, an {@link ImageReference} behind it. */
export const image = () =>
  parsed<string, ImageReference>(parseImage, {
    type: 'string',
    examples: ['ghcr.io/acme/polypod-runtime:0.1.0'],
  });

const fault = (reason: string, mend: string) => ({ ok: false as const, fault: { reason, mend } });
