import type { Input } from '@pulumi/pulumi';
import { output } from '@pulumi/pulumi';
import { USER } from '../../runtime/contract.cjs';
import type { Unresolved } from '../cloud';
import type { SharedStorage } from '../contracts';

const MIB = 1024 ** 2;

/**
 * Bytes a second that one node reads. AWS grants a client of an elastic file system 1,500 MiB/s with efs-utils 2
 * (the CSI driver from 2.0 on), and 500 MiB/s otherwise; the lower figure is the one to plan with.
 * https://docs.aws.amazon.com/efs/latest/ug/limits.html
 */
const PER_CLIENT = 500 * MIB;

/** The storage class of an EFS file system: one access point for each claim, owned by the pods' user. */
export function fileSystemStorage(
  name: string,
  fileSystemId: Input<string>,
  throughput: 'elastic' | { readonly provisioned: number },
): Unresolved<SharedStorage> {
  return {
    kind: 'efs',
    storageClass: {
      name: `${name}-efs`,
      provisioner: 'efs.csi.aws.com',
      parameters: {
        provisioningMode: 'efs-ap',
        fileSystemId: output(fileSystemId),
        directoryPerms: '700',
        uid: String(USER.uid),
        gid: String(USER.gid),
      },
    },
    uid: USER.uid,
    gid: USER.gid,
    throughput:
      typeof throughput === 'string'
        ? { perClient: PER_CLIENT }
        : {
            perClient: Math.min(PER_CLIENT, throughput.provisioned * MIB),
            aggregate: throughput.provisioned * MIB,
          },
  };
}
