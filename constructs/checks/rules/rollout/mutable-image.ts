import { pathTo, textAt } from '../../json';
import type { Container, Model } from '../../model';
import type { Finding, Rule } from '../../rule';

/** An image that may be another one tomorrow, or on the next node. */
export const mutableImage: Rule = {
  id: 'rollout/mutable-image',
  severity: 'warning',
  description:
    'An image without a tag, with latest, or with a moving tag and IfNotPresent, and without a digest: pods of one workload run different versions.',
  *check(model: Model) {
    for (const { containers } of model.allWorkloads) {
      for (const container of containers) {
        const found = mutable(container);
        if (found) yield found;
      }
    }
  },
};

function mutable({ image, name, spec, path, workload }: Container): Finding | undefined {
  const { text, tag, digest, isKnown } = image;
  if (!isKnown || digest !== undefined || isFilledInLater(text)) return undefined;
  // https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
  const isLatest = tag === undefined || tag === '' || tag === 'latest';
  const policy = textAt(spec, 'imagePullPolicy') ?? (isLatest ? 'Always' : 'IfNotPresent');
  if (!isLatest && (/\d/.test(tag) || policy !== 'IfNotPresent')) return undefined;
  const reason = isLatest
    ? `${tag ? `the tag ${tag}` : 'no tag'}, and pods started on different days run different versions`
    : `the moving tag ${tag} with ${policy}, and each node keeps the version that it pulled first`;
  return {
    object: workload.object,
    path: pathTo(path, 'image'),
    message: `Image ${text} of container ${name} has ${reason}; no rollback brings the old one back.`,
    fix: 'Name a version in the tag, or the digest (@sha256:…).',
  };
}

/** Names that a template or a reader (`IMAGE_NAME`), Istio's injector, ko or an image stream replaces. */
function isFilledInLater(image: string): boolean {
  return image === 'auto' || image.startsWith('ko://') || /^[A-Z\d_-]*$|[{}$<>\s]/.test(image);
}
