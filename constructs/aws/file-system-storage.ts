import type { Input } from '@pulumi/pulumi';
import { asString } from '../bridge/outputs';
import { known } from '../cloud';
import type { SharedStorage } from '../contracts';
import { efs } from '../kubernetes/storage/efs';

const MIB = 1024 ** 2;

/** What a topology's model store takes of an EFS file system, whether its id is known or only a placeholder. */
export function fileSystemStorage(
  name: string,
  fileSystemId: Input<string>,
  throughput: 'elastic' | { readonly provisioned: number },
): SharedStorage {
  const id = known(fileSystemId) ?? asString(fileSystemId);
  const storage = efs({ fileSystemId: id, className: `${name}-efs` });
  if (throughput === 'elastic') return storage;
  const aggregate = throughput.provisioned * MIB;
  return {
    ...storage,
    throughput: { perClient: Math.min(storage.throughput.perClient, aggregate), aggregate },
  };
}
