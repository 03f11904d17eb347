import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1';
import type { StorageClass } from 'kubernetes-types/storage/v1';
import type { Backing } from '../../constructs/contracts';
import type { ByteSize } from '../../constructs/contracts/units';
import { labels, makeObjects, objectName } from '../../constructs/kubernetes';

export interface StateDiskProps {
  /** Name of the topology; the claim is `NAME-state`. */
  readonly name: string;
  /** Label `app.kubernetes.io/name`. */
  readonly application: string;
  readonly size: ByteSize;
  /** Class of disks. @default the foundation's, else the cluster's default class */
  readonly storageClass?: string;
  /** What a foundation brings. */
  readonly disk: Backing['disk'];
}

/** Name of the claim. */
export const stateClaim = (name: string) => objectName(name, 'state');

/** A disk for what only one pod may write, such as SQLite. Its claim stays when everything else goes. */
export class StateDisk extends Construct {
  readonly claimName: string;
  readonly claim: ApiObject;

  constructor(scope: Construct, id: string, { name, application, size, storageClass, disk }: StateDiskProps) {
    super(scope, id);
    this.claimName = stateClaim(name);
    const metadata = { labels: labels({ application, instance: name, component: 'state' }) };
    const made = storageClass === undefined && typeof disk === 'object' ? disk : undefined;
    const className = storageClass ?? (typeof disk === 'object' ? disk.name : disk);
    const { claim } = makeObjects(this, {
      class:
        made &&
        ({
          apiVersion: 'storage.k8s.io/v1',
          kind: 'StorageClass',
          metadata: { name: made.name, ...metadata },
          provisioner: made.provisioner,
          parameters: { ...made.parameters },
          reclaimPolicy: 'Retain',
          allowVolumeExpansion: true,
          volumeBindingMode: made.volumeBindingMode ?? 'WaitForFirstConsumer',
        } satisfies StorageClass),
      claim: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: this.claimName,
          ...metadata,
          annotations: {
            'helm.sh/resource-policy': 'keep',
            'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
          },
        },
        spec: {
          accessModes: ['ReadWriteOnce'],
          ...(className === undefined ? {} : { storageClassName: className }),
          resources: { requests: { storage: size.text } },
        },
      } satisfies PersistentVolumeClaim,
    });
    this.claim = claim;
  }
}
