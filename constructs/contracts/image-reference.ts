/** A container image, pinned: by digest, or by a tag that is never pushed again. */
export interface ImageReference {
  /** Registry and repository, without a tag: `ghcr.io/acme/polypod-runtime`. */
  readonly repository: string;
  /** `sha256:…`; wins over the tag. */
  readonly digest?: string;
  /** An immutable tag, such as `1.4.2`. Required where there is no digest. */
  readonly tag?: string;
  /** Names of image pull Secrets in the workload's namespace. @default none */
  readonly pullSecrets?: readonly string[];
}

/** The image as a container's `image` field: `repository:tag@digest`, with what there is of the two. */
export function imageName(image: ImageReference): string {
  const tag = image.tag === undefined ? '' : `:${image.tag}`;
  const digest = image.digest === undefined ? '' : `@${image.digest}`;
  return `${image.repository}${tag}${digest}`;
}
