import { Construct } from 'constructs';
import type { Job } from 'kubernetes-types/batch/v1';
import { type ImageReference, imageName } from '../../constructs/contracts';
import {
  type IsolatedWorkload,
  labels,
  makeObjects,
  objectName,
  selectorLabels,
} from '../../constructs/kubernetes';
import { RESTRICTED_CONTAINER, restrictedPod } from '../../constructs/kubernetes/security';
import { resourcesOf } from '../system/pods';
import type { AnythingLlmSettings } from './settings';

/**
 * Backs the old folder up and copies it, in bash with GNU tar, as the image has them. Models go to the shared claim,
 * everything else to the disk. The database comes last: until it is there, another try begins anew; once it is, nothing
 * is overwritten.
 */
export const MIGRATION_SCRIPT = `set -euo pipefail
if [ ! -f "$OLD/anythingllm.db" ]; then
  echo "There is no anythingllm.db in the old claim: name its folder in migration.path." >&2
  exit 1
fi
if [ -f "$STATE/anythingllm.db" ]; then
  echo "The disk holds a database already: nothing is overwritten."
  exit 0
fi
backup="$MODELS/.backups/$(date -u +%Y%m%dT%H%M%SZ).tar.gz"
mkdir -p "$MODELS/.backups"
echo "Backing up to $backup"
tar -C "$OLD" --exclude=./models --exclude=./lost+found -czf "$backup.part" .
gzip -t "$backup.part"
mv "$backup.part" "$backup"
echo "Copying"
rm -rf "$STATE/.incoming"
mkdir "$STATE/.incoming"
tar -xzf "$backup" -C "$STATE/.incoming" --no-overwrite-dir
cmp "$OLD/anythingllm.db" "$STATE/.incoming/anythingllm.db"
if [ -d "$OLD/models" ]; then
  tar -C "$OLD/models" -cf - . | tar -C "$MODELS" -xf - --no-overwrite-dir
fi
cd "$STATE/.incoming"
find . -mindepth 1 -maxdepth 1 ! -name anythingllm.db | while read -r entry; do
  rm -rf "$STATE/$entry"
  mv "$entry" "$STATE/$entry"
done
sync
mv anythingllm.db "$STATE/anythingllm.db"
rmdir "$STATE/.incoming"
echo "Done. Take migration out of the topology and apply it again."
`;

export interface MigrationProps {
  readonly settings: AnythingLlmSettings;
  /** The old claim, and the folder in it. */
  readonly from: NonNullable<AnythingLlmSettings['migration']>;
  readonly image: ImageReference;
  /** Names of the claims that are copied to. */
  readonly claims: { readonly state: string; readonly models: string };
}

/**
 * A Job that takes over what a single pod left behind. The old pod must be gone: its disk is mounted on one node, and
 * a database that is written while it is copied is no copy.
 */
export class Migration extends Construct {
  /** For network policies. */
  readonly workload: IsolatedWorkload;

  constructor(scope: Construct, id: string, { settings, from, image, claims }: MigrationProps) {
    super(scope, id);
    const { name, sharedFiles, workloads } = settings;
    const identity = { application: 'anything-llm', instance: name, component: 'migration' };
    const selector = selectorLabels(identity);
    const own = objectName(name, 'migration');
    const resources = workloads[0] && resourcesOf(workloads[0].resources);
    makeObjects(this, {
      job: {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: own, labels: labels(identity) },
        spec: {
          backoffLimit: 3,
          // Some 200 GB at 10 MB/s; whoever waits for the Job waits as long.
          activeDeadlineSeconds: 6 * 3600,
          template: {
            metadata: { labels: labels(identity) },
            spec: {
              restartPolicy: 'Never',
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              securityContext: restrictedPod(sharedFiles.uid, sharedFiles.gid),
              ...(image.pullSecrets && {
                imagePullSecrets: image.pullSecrets.map((secret) => ({ name: secret })),
              }),
              containers: [
                {
                  name: 'migration',
                  image: imageName(image),
                  imagePullPolicy: 'IfNotPresent',
                  command: ['/bin/bash', '-c', MIGRATION_SCRIPT],
                  env: [
                    { name: 'OLD', value: `/old${from.path}`.replace(/\/+$/, '') },
                    { name: 'STATE', value: '/state' },
                    { name: 'MODELS', value: '/models' },
                  ],
                  resources,
                  securityContext: RESTRICTED_CONTAINER,
                  volumeMounts: [
                    { name: 'old', mountPath: '/old', readOnly: true },
                    { name: 'state', mountPath: '/state' },
                    { name: 'models', mountPath: '/models' },
                    { name: 'tmp', mountPath: '/tmp' },
                  ],
                },
              ],
              volumes: [
                { name: 'old', persistentVolumeClaim: { claimName: from.claim, readOnly: true } },
                { name: 'state', persistentVolumeClaim: { claimName: claims.state } },
                { name: 'models', persistentVolumeClaim: { claimName: claims.models } },
                { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
              ],
            },
          },
        },
      } satisfies Job,
    });
    this.workload = { name: own, selector };
  }
}
