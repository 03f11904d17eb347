import { getSubnet } from '@pulumi/aws/ec2/getSubnet';
import type { InvokeOptions } from '@pulumi/pulumi';
import { lookUp } from '../cloud';

/** A subnet that exists. */
export interface ExistingSubnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly cidr: string;
  /** Whether its machines get public addresses. */
  readonly isPublic: boolean;
}

/** Looks subnets up; in the order given. @throws InvalidInputError for one that can't be found */
export function existingSubnets(
  path: string,
  ids: readonly string[],
  options?: InvokeOptions,
): Promise<ExistingSubnet[]> {
  return Promise.all(
    ids.map(async (id, index) => {
      const subnet = await lookUp(`${path}[${index}]`, id, () => getSubnet({ id }, options));
      return {
        id,
        vpcId: subnet.vpcId,
        zone: subnet.availabilityZone,
        cidr: subnet.cidrBlock,
        isPublic: subnet.mapPublicIpOnLaunch,
      };
    }),
  );
}

/** The first of the subnets in each zone. */
export function onePerZone(subnets: readonly ExistingSubnet[]): ExistingSubnet[] {
  const first = new Map<string, ExistingSubnet>();
  for (const subnet of subnets) if (!first.has(subnet.zone)) first.set(subnet.zone, subnet);
  return [...first.values()];
}
