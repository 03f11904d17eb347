import { type ImageReference, imageName, isPlaceholder, type Problem } from '../../contracts';

/** What is wrong with an image, if anything: a tag that moves gives each pod another version. */
export function imageProblems(path: string, image: ImageReference | undefined): Problem[] {
  if (!image || image.digest !== undefined || isPlaceholder(image.tag)) return [];
  if (image.tag !== undefined && /\d/.test(image.tag)) return [];
  return [
    {
      path,
      value: imageName(image),
      reason:
        image.tag === undefined
          ? 'has neither a tag nor a digest, which means latest: each pod may run another version'
          : `has the tag ${image.tag}, which moves: each pod may run another version`,
      mend: 'give a digest, or a tag that is never pushed again, such as 1.4.2',
    },
  ];
}
