import type { PodSecurityContext, SecurityContext } from 'kubernetes-types/core/v1';

/** What the `restricted` Pod Security Standard asks of a container, and a root file system that nobody writes. */
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
} satisfies SecurityContext;

/**
 * What the `restricted` Pod Security Standard asks of a pod. Files of its volumes belong to the group; the owner of
 * a large volume is only changed where its root says so, since walking a model store takes minutes.
 */
export function restrictedPod(uid: number, gid: number) {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: gid,
    fsGroup: gid,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  } satisfies PodSecurityContext;
}
