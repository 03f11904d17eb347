import { type Input, type Output, output } from '@pulumi/pulumi';
import { matches } from '../cloud';
import type { Problem } from '../contracts';

/** The parts of a subnet's resource id. */
export interface SubnetId {
  readonly resourceGroupName: string;
  readonly virtualNetworkName: string;
  readonly subnetName: string;
  /** Id of its network. */
  readonly virtualNetworkId: string;
}

const SUBNET =
  /^(\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/virtualNetworks\/([^/]+))\/subnets\/([^/]+)$/i;

/** The parts of a subnet's id, or `undefined` where it is none. */
export function subnetId(id: string): SubnetId | undefined {
  const match = SUBNET.exec(id);
  if (match === null) return undefined;
  const [, virtualNetworkId = '', resourceGroupName = '', virtualNetworkName = '', subnetName = ''] = match;
  return { resourceGroupName, virtualNetworkName, subnetName, virtualNetworkId };
}

export function subnetIdProblems(path: string, id: Input<string> | undefined): Problem[] {
  return matches(path, id, SUBNET, {
    reason: 'is not the id of a subnet',
    mend: 'write /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…/subnets/…',
  });
}

/** What stands in an id after a word, such as `resourceGroups`. */
export function partOfId(id: string, word: string): string {
  const parts = id.split('/');
  return parts[parts.findIndex((part) => part.toLowerCase() === word.toLowerCase()) + 1] ?? '';
}

/** Names of resource groups: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
export function resourceGroupProblems(path: string, name: Input<string> | undefined): Problem[] {
  return matches(path, name, /^[\w().-]{1,89}[\w()-]$/, {
    reason: 'is not the name of a resource group',
    mend: 'write one such as chat-prod',
  });
}

/** Azure's own roles. https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const ROLES = {
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d',
  clusterAdministrator: 'b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b',
  keyUser: '12338af0-0e69-4776-bea7-57ae8d297424',
  keyEncryptionUser: 'e147488a-f6f5-4113-8e2d-b22465e65bf6',
  networkContributor: '4d97b98b-1d4f-4787-a291-c67834d212e7',
  storageAccountContributor: '17d1049b-9a84-46fb-8f53-869881c3d3ab',
} as const;

/** Id of one of Azure's own roles, in the subscription of what it is given for. */
export function roleDefinitionId(role: keyof typeof ROLES, scope: Input<string>): Output<string> {
  return output(scope).apply(
    (id) =>
      `/subscriptions/${partOfId(id, 'subscriptions')}/providers/Microsoft.Authorization/roleDefinitions/${ROLES[role]}`,
  );
}
