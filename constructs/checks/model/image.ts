import { isPlaceholder } from '../../contracts/placeholder';

/** A container image's name in its parts. */
export interface Image {
  /** As it stands in the manifest. */
  readonly text: string;
  /** Registry, if one is written out: `ghcr.io`. */
  readonly registry: string | undefined;
  /** Without registry, tag and digest, in lower case: `open-webui/open-webui`; `redis` for `library/redis`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** False where a cloud has yet to fill in a part of it: then nothing is to be said of tag and digest. */
  readonly isKnown: boolean;
}

export function parseImage(text: string): Image {
  const at = text.indexOf('@');
  const named = at === -1 ? text : text.slice(0, at);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const path = colon === -1 ? named : named.slice(0, colon);
  const slash = path.indexOf('/');
  const first = slash === -1 ? '' : path.slice(0, slash);
  const isRegistry = /[.:]/.test(first) || first === 'localhost';
  const repository = (isRegistry ? path.slice(slash + 1) : path).replace(/^library\//, '').toLowerCase();
  return {
    text,
    registry: isRegistry ? first : undefined,
    repository,
    tag: colon === -1 ? undefined : named.slice(colon + 1),
    digest: at === -1 ? undefined : text.slice(at + 1),
    isKnown: !isPlaceholder(text),
  };
}
