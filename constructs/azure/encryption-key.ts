import { getClientConfigOutput } from '@pulumi/azure-native/authorization/getClientConfig';
import {
  ManagementLockByScope,
  type ManagementLockByScopeArgs,
} from '@pulumi/azure-native/authorization/managementLockByScope';
import { RoleAssignment, type RoleAssignmentArgs } from '@pulumi/azure-native/authorization/roleAssignment';
import { Key, type KeyArgs } from '@pulumi/azure-native/keyvault/key';
import { Vault, type VaultArgs } from '@pulumi/azure-native/keyvault/vault';
import {
  UserAssignedIdentity,
  type UserAssignedIdentityArgs,
} from '@pulumi/azure-native/managedidentity/userAssignedIdentity';
import type { ComponentResourceOptions, Input, Output, Resource } from '@pulumi/pulumi';
import { interpolate } from '@pulumi/pulumi';
import { RandomId, type RandomIdArgs } from '@pulumi/random/randomId';
import { CloudComponent, oneOf, REMOVALS, type Removal, removalOptions, type Transforms } from '../cloud';
import type { Problem } from '../contracts';
import { resourceGroupProblems, roleDefinitionId } from './resource-id';
import { componentTags, type Tags, tagProblems } from './tags';

/** A key in Key Vault, and the identity by which services use it. */
export interface KeyAccess {
  /** URI of the vault. */
  readonly vaultUri: Input<string>;
  readonly vaultId: Input<string>;
  readonly keyName: Input<string>;
  /** URI of a version of the key. */
  readonly keyUri: Input<string>;
  /** Resource id of an identity that may wrap and unwrap with the key. */
  readonly identityId: Input<string>;
  /** Client id of that identity. */
  readonly identityClientId: Input<string>;
}

/** Arguments of an `EncryptionKey`. */
export interface EncryptionKeyArgs {
  readonly resourceGroupName: Input<string>;
  readonly location: Input<string>;
  /** A deleted key makes everything that it encrypts unreadable, backups too. @default `retain` */
  readonly removal?: Removal;
  readonly tags?: Tags;
  readonly transform?: Transforms<EncryptionKeyChildren>;
}

export interface EncryptionKeyChildren {
  suffix: RandomIdArgs;
  vault: VaultArgs;
  key: KeyArgs;
  identity: UserAssignedIdentityArgs;
  keyRole: RoleAssignmentArgs;
  lock: ManagementLockByScopeArgs;
}

/** What is wrong with the arguments of an {@link EncryptionKey}, wherever it is placed. */
export function encryptionKeyProblems(
  args: Omit<EncryptionKeyArgs, 'resourceGroupName' | 'location'>,
): Problem[] {
  return [...oneOf('removal', args.removal, REMOVALS), ...tagProblems(args.tags)];
}

/**
 * A key in a Key Vault of its own, rotated each year, and an identity that services use it by. The vault can't be
 * purged for 90 days after its deletion. Costs by the operation, and little.
 */
export class EncryptionKey extends CloudComponent<EncryptionKeyChildren> {
  readonly access: KeyAccess;
  /** The right to use the key: services that come before it are refused. */
  readonly ready: readonly Resource[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: EncryptionKeyArgs, options?: ComponentResourceOptions) {
    const misplaced = resourceGroupProblems('resourceGroupName', args.resourceGroupName);
    const problems = [...misplaced, ...encryptionKeyProblems(args)];
    super('polypod:azure:EncryptionKey', name, problems, args.transform, options);
    const { resourceGroupName, location, removal } = args;
    const tags = componentTags(name, args.tags);

    // Names of vaults are the world's, at most 24 characters, and a deleted one is not free for 90 days.
    const suffix = new RandomId(...this.child('suffix', { byteLength: 4 }));
    const vault = new Vault(
      ...this.child(
        'vault',
        {
          resourceGroupName,
          location,
          vaultName: interpolate`${vaultPrefix(name)}${suffix.hex}`,
          properties: {
            tenantId: getClientConfigOutput({ parent: this }).tenantId,
            sku: { family: 'A', name: 'standard' },
            enableRbacAuthorization: true,
            enableSoftDelete: true,
            softDeleteRetentionInDays: 90,
            enablePurgeProtection: true,
            // The cluster's API server comes from Azure's own network. Nobody uses a key without a role.
            networkAcls: { defaultAction: 'Allow', bypass: 'AzureServices' },
          },
          tags,
        },
        removalOptions(removal),
      ),
    );
    const key = new Key(
      ...this.child(
        'key',
        {
          resourceGroupName,
          vaultName: vault.name,
          keyName: 'data',
          properties: {
            kty: 'RSA',
            keySize: 3072,
            // Services wrap keys of their own; the cluster encrypts its Secrets.
            keyOps: ['wrapKey', 'unwrapKey', 'encrypt', 'decrypt'],
            rotationPolicy: {
              lifetimeActions: [{ action: { type: 'rotate' }, trigger: { timeAfterCreate: 'P1Y' } }],
            },
          },
          tags,
        },
        removalOptions(removal),
      ),
    );
    const identity = new UserAssignedIdentity(
      ...this.child('identity', { resourceGroupName, location, tags }),
    );
    const role = new RoleAssignment(
      ...this.child('keyRole', {
        principalId: identity.principalId,
        principalType: 'ServicePrincipal',
        roleDefinitionId: roleDefinitionId('keyEncryptionUser', vault.id),
        scope: vault.id,
      }),
    );
    if (removal !== 'destroy') {
      new ManagementLockByScope(...this.child('lock', { scope: vault.id, level: 'CanNotDelete' }));
    }

    this.access = {
      vaultUri: vault.properties.vaultUri as Output<string>,
      vaultId: vault.id,
      keyName: key.name,
      keyUri: key.keyUriWithVersion,
      identityId: identity.id,
      identityClientId: identity.clientId,
    };
    this.ready = [key, role];
    this.registerOutputs({ keyUri: this.access.keyUri });
  }
}

/** Sixteen characters at most, without a hyphen at the end. */
function vaultPrefix(name: string): string {
  return name.slice(0, 16).replace(/-$/, '');
}
