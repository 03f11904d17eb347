import { textAt } from '../checks/json';
import type { Model, Volume, Workload } from '../checks/model';
import { binary } from '../plan/report/figures';
import type { StorageBox } from './picture';
import { workloadId } from './workload-box';

interface Mount {
  readonly from: string;
  readonly to: string;
  /** Where the first container finds it. */
  readonly label: string;
}

/** Claims that workloads mount by name, and who mounts them where. */
export function storageOf(
  model: Model,
  workloads: readonly Workload[],
): { readonly boxes: readonly StorageBox[]; readonly mounts: readonly Mount[] } {
  const boxes = new Map<string, StorageBox>();
  const mounts: Mount[] = [];
  for (const claim of model.claims()) if (!claim.perPod) add(claimBox(claim));
  for (const workload of workloads) {
    for (const volume of workload.volumes) {
      if (volume.type !== 'persistentVolumeClaim') continue;
      const to = add(volume.claim ? claimBox(volume.claim) : unknownClaim(volume, workload));
      mounts.push({ from: workloadId(workload), to, label: mountPath(workload, volume) });
    }
  }
  return { boxes: [...boxes.values()], mounts };

  function add(box: StorageBox): string {
    if (!boxes.has(box.id)) boxes.set(box.id, box);
    return box.id;
  }
}

function claimBox(claim: NonNullable<Volume['claim']>): StorageBox {
  const { name, namespace, size, className, accessModes, allowsSharing } = claim;
  return {
    type: 'storage',
    id: `${namespace}/claim/${name}`,
    name,
    namespace,
    isShared: allowsSharing,
    facts: [
      [size === undefined ? undefined : binary(size), ...accessModes]
        .filter((part) => part !== undefined)
        .join(' · '),
      className === undefined ? 'the default class' : `class ${className}`,
    ],
  };
}

function unknownClaim({ source }: Volume, { namespace }: Workload): StorageBox {
  const name = textAt(source, 'claimName') ?? '';
  return {
    type: 'storage',
    id: `${namespace}/claim/${name}`,
    name,
    namespace,
    isShared: true,
    facts: ['not in this input'],
  };
}

function mountPath({ runningContainers }: Workload, volume: Volume): string {
  for (const { mounts } of runningContainers) {
    const mount = mounts.find((one) => one.volume === volume);
    if (mount) return mount.mountPath;
  }
  return '';
}
