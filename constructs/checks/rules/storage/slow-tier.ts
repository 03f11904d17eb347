import { isPlaceholder } from '../../../contracts/placeholder';
import { pathTo } from '../../json';
import type { KubernetesObject } from '../../kubernetes-object';
import { type Claim, type Model, modelVolumes, type StorageBacking } from '../../model';
import type { Finding, Rule } from '../../rule';

/** Filestore tiers on SSD; the driver takes any other word for `standard`, which is basic HDD. */
const FAST_FILESTORE = /^(?:premium|basic[-_]ssd|zonal|high[-_]scale[-_]ssd|regional|enterprise)$/i;

/** Model files on storage whose throughput makes every start wait. */
export const slowTier: Rule = {
  id: 'storage/slow-tier',
  severity: 'warning',
  description:
    'Model files on a slow tier (basic Filestore, Azure Standard_* disks and shares): loading takes many times as long.',
  *check(model: Model) {
    const claims = [...model.claims()];
    const withModels = new Set(
      model.workloads.flatMap((workload) => [...modelVolumes(workload)].map(({ claim }) => claim)),
    );
    const reported = new Set<KubernetesObject>();
    for (const claim of claims) {
      if (!claim.storage || !withModels.has(claim)) continue;
      const finding = slowness(claim.storage, claim);
      if (!finding || reported.has(finding.object)) continue;
      reported.add(finding.object);
      yield finding;
    }
    // A class that nothing in the input uses is there for something else's claims: those of a chart, often.
    const used = new Set(claims.map(({ className }) => className));
    for (const { name } of model.ofKind('StorageClass')) {
      const storage = used.has(name) ? undefined : model.storageClass(name);
      const finding = storage?.sharing === 'shared' ? slowness(storage) : undefined;
      if (finding) yield finding;
    }
  },
};

function slowness(storage: StorageBacking, claim?: Claim): Finding | undefined {
  const { provisioner, parameters, object } = storage;
  const slow = slowParameter(provisioner, parameters);
  const at =
    object?.kind === 'StorageClass'
      ? { object, path: pathTo('parameters', slow?.parameter ?? '') }
      : claim && { object: claim.object, path: pathTo(claim.path, 'storageClassName') };
  if (!slow || !at) return undefined;
  return {
    ...at,
    message: `${slow.what}; ${claim ? 'model files on it' : 'model files, if they lie on it,'} take many times as long to load.`,
    fix: slow.fix,
  };
}

function slowParameter(provisioner: string, parameters: StorageBacking['parameters']) {
  if (provisioner === 'filestore.csi.storage.gke.io') {
    const { tier = 'standard' } = parameters;
    if (FAST_FILESTORE.test(tier) || isPlaceholder(tier)) return undefined;
    return {
      parameter: 'tier',
      what: `Filestore's tier ${tier} is basic HDD (about 100 MB/s)`,
      fix: 'Use tier zonal, from 1 TiB, or regional for availability in several zones.',
    };
  }
  if (/^(?:file|disk)\.csi\.azure\.com$|^kubernetes\.io\/azure-/.test(provisioner)) {
    const named = Object.entries(parameters).find(([key]) => /^(?:skuname|storageaccounttype)$/i.test(key));
    const isNfs = parameters.protocol?.toLowerCase() === 'nfs';
    const sku = named?.[1] ?? (provisioner.includes('file') && !isNfs ? 'Standard_LRS' : '');
    if (!/^Standard_/i.test(sku) || isPlaceholder(sku)) return undefined;
    return {
      parameter: named?.[0] ?? 'skuName',
      what: `Azure's ${sku} is on HDD (about 60 MB/s a share)`,
      fix: 'Use skuName PremiumV2_ZRS or Premium_ZRS with protocol nfs.',
    };
  }
  return undefined;
}
