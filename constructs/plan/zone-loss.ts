import { entryOf } from '../checks/json';
import type { Claim, Model, StorageBacking } from '../checks/model';
import type { LossPlan } from './losses';

/** What the loss of a zone means for the volumes of claims. Claims of one workload's pods are one entry. */
export function zoneLoss(model: Model): LossPlan[] {
  const found = new Map<string, LossPlan>();
  for (const claim of model.claims()) {
    const subject = claim.perPod
      ? `${claim.object.kind}/${claim.object.name} volume ${claim.name}`
      : `PersistentVolumeClaim/${claim.name}`;
    const [promise, text] = fateOf(claim);
    found.set(subject, { lost: 'zone', subject, pods: null, keeps: null, promise, text });
  }
  return [...found.values()];
}

type Fate = readonly [promise: LossPlan['promise'], text: string];

function fateOf({ storage, perPod }: Claim): Fate {
  if (!storage) return ['unknown', 'its class is not in the input'];
  const named = entryOf(BY_PROVISIONER, storage.provisioner)?.(storage);
  if (named) return named;
  if (storage.sharing !== 'block')
    return ['unknown', `where ${storage.provisioner} keeps it is not said here`];
  return perPod
    ? ['none', 'each disk lies in one zone: its pod waits until the zone is back']
    : ['none', 'the disk lies in one zone: who mounts it waits until the zone is back'];
}

/**
 * Kinds of storage that several zones keep, or one.
 *
 * Sources: https://docs.aws.amazon.com/efs/latest/ug/features.html, https://cloud.google.com/filestore/docs/service-tiers,
 * https://learn.microsoft.com/azure/storage/files/files-redundancy,
 * https://cloud.google.com/kubernetes-engine/docs/how-to/persistent-volumes/gce-pd-csi-driver.
 */
const BY_PROVISIONER: Readonly<Record<string, (storage: StorageBacking) => Fate | undefined>> = {
  'efs.csi.aws.com': () => ['kept', 'a regional EFS file system is in several zones; One Zone is not'],
  'filestore.csi.storage.gke.io': ({ parameters: { tier = 'standard' } }) =>
    tier === 'regional' || tier === 'enterprise'
      ? ['kept', `Filestore ${tier} is in three zones`]
      : ['none', `Filestore ${tier} lies in one zone`],
  'file.csi.azure.com': ({ parameters: { skuName = 'Standard_LRS' } }) =>
    skuName.endsWith('ZRS')
      ? ['kept', `${skuName} is in three zones`]
      : ['none', `${skuName} lies in one place; no other zone has it`],
  'pd.csi.storage.gke.io': ({ parameters }) =>
    parameters['replication-type'] === 'regional-pd' ? ['kept', 'the disk is in two zones'] : undefined,
  'disk.csi.azure.com': ({ parameters: { skuName = '' } }) =>
    skuName.endsWith('ZRS') ? ['kept', `${skuName} is in three zones`] : undefined,
  'nfs.csi.k8s.io': () => ['unknown', 'as its NFS server is set up'],
};
