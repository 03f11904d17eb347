import {
  ManagementLockByScope,
  type ManagementLockByScopeArgs,
} from '@pulumi/azure-native/authorization/managementLockByScope';
import { RoleAssignment, type RoleAssignmentArgs } from '@pulumi/azure-native/authorization/roleAssignment';
import {
  FileServiceProperties,
  type FileServicePropertiesArgs,
} from '@pulumi/azure-native/storage/fileServiceProperties';
import { StorageAccount, type StorageAccountArgs } from '@pulumi/azure-native/storage/storageAccount';
import type { ComponentResourceOptions, Input, Output, Resource } from '@pulumi/pulumi';
import { interpolate } from '@pulumi/pulumi';
import { RandomId, type RandomIdArgs } from '@pulumi/random/randomId';
import {
  CloudComponent,
  oneOf,
  type Provided,
  REMOVALS,
  type Removal,
  removalOptions,
  type Transforms,
  within,
} from '../cloud';
import type { Problem, SharedStorage } from '../contracts';
import type { KeyAccess } from './encryption-key';
import { fileShareStorage } from './file-share-storage';
import { PrivateAccess, type PrivateAccessChildren } from './private-access';
import { roleDefinitionId } from './resource-id';
import { placementProblems, type ServicePlacement } from './service-placement';
import { componentTags, type Tags, tagProblems } from './tags';

/** SSDs over three zones; others are slow, or go down with their zone. */
export const FILE_SKUS = ['Premium_ZRS', 'PremiumV2_ZRS'] as const;

/** Size, speed and protection of the storage account of Azure Files. */
export interface SharedFileSystemArgs {
  readonly placement: ServicePlacement;
  /** Object id of the cluster's own identity, by which its CSI driver makes shares here. */
  readonly clusterPrincipalId: Input<string>;
  /**
   * `Premium_ZRS` is as fast as it is large; `PremiumV2_ZRS` is billed by what is provisioned of each, and needs
   * version 1.35 of the CSI driver. It can't be changed later.
   * @default `Premium_ZRS`
   */
  readonly sku?: (typeof FILE_SKUS)[number];
  /** GiB that the topology's claim will have; a share is as fast as it is large. @default 100, the smallest */
  readonly gibibytes?: number;
  /** Days that a deleted share can be brought back, 1 to 365. It costs as long. @default 14 */
  readonly deletedShareDays?: number;
  /** Key for encryption at rest. @default Azure's own */
  readonly encryptionKey?: KeyAccess;
  /** Zone `privatelink.file.core.windows.net`, where the network has it already. @default made here */
  readonly privateDnsZoneId?: Input<string>;
  /** `retain` also locks the account against deletion. @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
  readonly transform?: Transforms<SharedFileSystemChildren>;
}

export interface SharedFileSystemChildren extends PrivateAccessChildren {
  suffix: RandomIdArgs;
  account: StorageAccountArgs;
  fileService: FileServicePropertiesArgs;
  driverRole: RoleAssignmentArgs;
  lock: ManagementLockByScopeArgs;
}

/** What is wrong with the arguments of a {@link SharedFileSystem}, wherever it is placed. */
export function sharedFileSystemProblems(
  args: Omit<SharedFileSystemArgs, 'placement' | 'clusterPrincipalId'>,
): Problem[] {
  return [
    ...oneOf('sku', args.sku, FILE_SKUS),
    ...within('gibibytes', args.gibibytes, [100, 102_400], 'GiB'),
    ...within('deletedShareDays', args.deletedShareDays, [1, 365], 'days'),
    ...oneOf('removal', args.removal, REMOVALS),
    ...tagProblems(args.tags),
  ];
}

/**
 * Azure Files over NFS 4.1 that every pod mounts: on SSDs in three zones, encrypted at rest and on its way, reachable
 * through a private endpoint alone. The cluster's CSI driver makes a share for each claim in the account.
 *
 * There is no Azure Backup for NFS shares; deleted shares can be brought back for some days. Its region and
 * kind of disks can't be changed afterwards.
 */
export class SharedFileSystem
  extends CloudComponent<SharedFileSystemChildren>
  implements Provided<SharedStorage>
{
  readonly accountName: Output<string>;
  readonly contract: Provided<SharedStorage>['contract'];
  readonly objects: Provided<SharedStorage>['objects'] = [];
  /** Without its private name a mount hangs; without its right the driver makes no share. */
  readonly ready: readonly Resource[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: SharedFileSystemArgs, options?: ComponentResourceOptions) {
    const problems = [...placementProblems(args.placement), ...sharedFileSystemProblems(args)];
    super('polypod:azure:SharedFileSystem', name, problems, args.transform, options);
    const { placement, sku = 'Premium_ZRS', encryptionKey, removal } = args;
    const { resourceGroupName, location } = placement;
    const tags = componentTags(name, args.tags);

    // Names of accounts are the world's: 24 lowercase letters and digits at most.
    const suffix = new RandomId(...this.child('suffix', { byteLength: 4 }));
    const account = new StorageAccount(
      ...this.child(
        'account',
        {
          resourceGroupName,
          location,
          accountName: interpolate`${name.replaceAll('-', '').slice(0, 16)}${suffix.hex}`,
          kind: 'FileStorage',
          sku: { name: sku },
          // For NFS too: mounts without TLS are refused.
          enableHttpsTrafficOnly: true,
          minimumTlsVersion: 'TLS1_2',
          publicNetworkAccess: 'Disabled',
          networkRuleSet: { defaultAction: 'Deny', bypass: 'None' },
          // NFS knows no keys: who reaches the endpoint is in.
          allowSharedKeyAccess: false,
          allowBlobPublicAccess: false,
          allowCrossTenantReplication: false,
          ...(encryptionKey === undefined ? {} : encryptedWith(encryptionKey)),
          tags,
        },
        removalOptions(removal),
      ),
    );
    const fileService = new FileServiceProperties(
      ...this.child('fileService', {
        resourceGroupName,
        accountName: account.name,
        fileServicesName: 'default',
        shareDeleteRetentionPolicy: { enabled: true, days: args.deletedShareDays ?? 14 },
      }),
    );
    const driverRole = new RoleAssignment(
      ...this.child('driverRole', {
        principalId: args.clusterPrincipalId,
        principalType: 'ServicePrincipal',
        roleDefinitionId: roleDefinitionId('storageAccountContributor', account.id),
        scope: account.id,
      }),
    );
    const access = new PrivateAccess(
      name,
      {
        placement,
        serviceId: account.id,
        group: 'file',
        zoneName: 'privatelink.file.core.windows.net',
        privateDnsZoneId: args.privateDnsZoneId,
        tags: args.tags,
        transform: args.transform,
      },
      this,
    );
    if (removal !== 'destroy') {
      new ManagementLockByScope(...this.child('lock', { scope: account.id, level: 'CanNotDelete' }));
    }

    this.accountName = account.name;
    this.contract = fileShareStorage({
      name,
      accountName: account.name,
      resourceGroupName,
      sku,
      gibibytes: args.gibibytes,
    });
    this.ready = [fileService, driverRole, ...access.ready];
    this.registerOutputs({ accountName: this.accountName });
  }
}

function encryptedWith({ identityId, keyName, vaultUri }: KeyAccess): Partial<StorageAccountArgs> {
  return {
    identity: { type: 'UserAssigned', userAssignedIdentities: [identityId] },
    encryption: {
      keySource: 'Microsoft.Keyvault',
      // Without a version: rotated keys are followed.
      keyVaultProperties: { keyName, keyVaultUri: vaultUri },
      encryptionIdentity: { encryptionUserAssignedIdentity: identityId },
      services: { file: { enabled: true, keyType: 'Account' } },
    },
  };
}
