import { Eip, type EipArgs } from '@pulumi/aws/ec2/eip';
import { InternetGateway, type InternetGatewayArgs } from '@pulumi/aws/ec2/internetGateway';
import { NatGateway, type NatGatewayArgs } from '@pulumi/aws/ec2/natGateway';
import { Route, type RouteArgs } from '@pulumi/aws/ec2/route';
import { RouteTable, type RouteTableArgs } from '@pulumi/aws/ec2/routeTable';
import { RouteTableAssociation, type RouteTableAssociationArgs } from '@pulumi/aws/ec2/routeTableAssociation';
import { SecurityGroup, type SecurityGroupArgs } from '@pulumi/aws/ec2/securityGroup';
import { Subnet, type SubnetArgs } from '@pulumi/aws/ec2/subnet';
import { Vpc, type VpcArgs } from '@pulumi/aws/ec2/vpc';
import { VpcEndpoint, type VpcEndpointArgs } from '@pulumi/aws/ec2/vpcEndpoint';
import {
  SecurityGroupIngressRule,
  type SecurityGroupIngressRuleArgs,
} from '@pulumi/aws/vpc/securityGroupIngressRule';
import type { ComponentResourceOptions, Input, Output } from '@pulumi/pulumi';
import { interpolate } from '@pulumi/pulumi';
import { CloudComponent, type Transforms } from '../cloud';
import {
  DEFAULT_CIDR,
  type NetworkSettings,
  networkProblems,
  networkSubnets,
  type Tier,
} from './network-arguments';
import { componentTags, type Tags } from './tags';

export interface NetworkArgs extends NetworkSettings {
  readonly transform?: Transforms<NetworkChildren>;
}

export interface NetworkChildren {
  vpc: VpcArgs;
  internetGateway: InternetGatewayArgs;
  publicSubnet: SubnetArgs;
  privateSubnet: SubnetArgs;
  isolatedSubnet: SubnetArgs;
  publicRouteTable: RouteTableArgs;
  privateRouteTable: RouteTableArgs;
  isolatedRouteTable: RouteTableArgs;
  publicRoute: RouteArgs;
  privateRoute: RouteArgs;
  publicAssociation: RouteTableAssociationArgs;
  privateAssociation: RouteTableAssociationArgs;
  isolatedAssociation: RouteTableAssociationArgs;
  natAddress: EipArgs;
  natGateway: NatGatewayArgs;
  endpoint: VpcEndpointArgs;
  endpointSecurityGroup: SecurityGroupArgs;
  fromVpc: SecurityGroupIngressRuleArgs;
}

/**
 * A VPC over several zones: public subnets for load balancers and NAT, private ones for nodes and pods, isolated
 * ones, without a way out, for databases and caches.
 *
 * Replaced, with all that stands in it, when `cidr` changes.
 */
export class Network extends CloudComponent<NetworkChildren> {
  readonly vpcId: Output<string>;
  readonly cidr: string;
  readonly publicSubnetIds: readonly Output<string>[];
  readonly privateSubnetIds: readonly Output<string>[];
  readonly isolatedSubnetIds: readonly Output<string>[];
  readonly isolatedSubnetCidrs: readonly string[];

  /** @throws InvalidInputError before anything is registered */
  constructor(name: string, args: NetworkArgs, options?: ComponentResourceOptions) {
    super('polypod:aws:Network', name, networkProblems(args), args.transform, options);
    const { zones, nat = 'per-zone' } = args;
    this.cidr = args.cidr ?? DEFAULT_CIDR;
    const cidrs = networkSubnets(this.cidr);
    const tags = (part: string, more?: Tags) =>
      componentTags(`${name}-${part}`, { 'polypod:component': name, ...args.tags, ...more });

    const vpc = new Vpc(
      ...this.child('vpc', {
        cidrBlock: this.cidr,
        enableDnsHostnames: true,
        enableDnsSupport: true,
        tags: tags('vpc'),
      }),
    );
    const internet = new InternetGateway(
      ...this.child('internetGateway', { vpcId: vpc.id, tags: tags('internet') }),
    );

    const publicTable = new RouteTable(
      ...this.child('publicRouteTable', { vpcId: vpc.id, tags: tags('public') }),
    );
    new Route(
      ...this.child('publicRoute', {
        routeTableId: publicTable.id,
        destinationCidrBlock: '0.0.0.0/0',
        gatewayId: internet.id,
      }),
    );
    const isolatedTable = new RouteTable(
      ...this.child('isolatedRouteTable', { vpcId: vpc.id, tags: tags('isolated') }),
    );

    const publicSubnets: Subnet[] = [];
    const privateSubnets: Subnet[] = [];
    const isolatedSubnets: Subnet[] = [];
    const privateTables: RouteTable[] = [];
    const gateways: NatGateway[] = [];
    for (const [index, availabilityZone] of zones.entries()) {
      const number = index + 1;
      const block = (tier: Tier) => ({
        vpcId: vpc.id,
        availabilityZone,
        cidrBlock: cidrs.get(tier)?.[index],
      });
      const publicSubnet = new Subnet(
        ...this.child(
          'publicSubnet',
          { ...block('public'), tags: tags(`public-${number}`, { 'kubernetes.io/role/elb': '1' }) },
          {},
          number,
        ),
      );
      publicSubnets.push(publicSubnet);
      const viaPublic = { subnetId: publicSubnet.id, routeTableId: publicTable.id };
      new RouteTableAssociation(...this.child('publicAssociation', viaPublic, {}, number));

      if (nat === 'per-zone' || index === 0) {
        const address = new Eip(
          ...this.child(
            'natAddress',
            { domain: 'vpc', tags: tags(`nat-${number}`) },
            { dependsOn: internet },
            number,
          ),
        );
        const gateway = { subnetId: publicSubnet.id, allocationId: address.id, tags: tags(`nat-${number}`) };
        gateways.push(new NatGateway(...this.child('natGateway', gateway, { dependsOn: internet }, number)));
      }

      const privateSubnet = new Subnet(
        ...this.child(
          'privateSubnet',
          {
            ...block('private'),
            tags: tags(`private-${number}`, { 'kubernetes.io/role/internal-elb': '1' }),
          },
          {},
          number,
        ),
      );
      privateSubnets.push(privateSubnet);
      const privateTable = new RouteTable(
        ...this.child('privateRouteTable', { vpcId: vpc.id, tags: tags(`private-${number}`) }, {}, number),
      );
      privateTables.push(privateTable);
      const viaNat = {
        routeTableId: privateTable.id,
        destinationCidrBlock: '0.0.0.0/0',
        natGatewayId: gateways.at(-1)?.id,
      };
      new Route(...this.child('privateRoute', viaNat, {}, number));
      const viaPrivate = { subnetId: privateSubnet.id, routeTableId: privateTable.id };
      new RouteTableAssociation(...this.child('privateAssociation', viaPrivate, {}, number));

      const isolatedSubnet = new Subnet(
        ...this.child(
          'isolatedSubnet',
          { ...block('isolated'), tags: tags(`isolated-${number}`) },
          {},
          number,
        ),
      );
      isolatedSubnets.push(isolatedSubnet);
      const alone = { subnetId: isolatedSubnet.id, routeTableId: isolatedTable.id };
      new RouteTableAssociation(...this.child('isolatedAssociation', alone, {}, number));
    }

    new VpcEndpoint(
      ...this.child(
        'endpoint',
        {
          vpcId: vpc.id,
          serviceName: interpolate`com.amazonaws.${args.region}.s3`,
          vpcEndpointType: 'Gateway',
          routeTableIds: privateTables.map(({ id }) => id),
          tags: tags('s3'),
        },
        {},
        's3',
      ),
    );
    if (args.registryEndpoints) {
      this.addRegistryEndpoints(vpc, privateSubnets, args.region, tags);
    }

    this.vpcId = vpc.id;
    this.publicSubnetIds = publicSubnets.map(({ id }) => id);
    this.privateSubnetIds = privateSubnets.map(({ id }) => id);
    this.isolatedSubnetIds = isolatedSubnets.map(({ id }) => id);
    this.isolatedSubnetCidrs = (cidrs.get('isolated') ?? []).slice(0, zones.length);
    this.registerOutputs({ vpcId: this.vpcId, privateSubnetIds: this.privateSubnetIds });
  }

  private addRegistryEndpoints(
    vpc: Vpc,
    subnets: readonly Subnet[],
    region: Input<string>,
    tags: (part: string) => Record<string, Input<string>>,
  ): void {
    const group = new SecurityGroup(
      ...this.child('endpointSecurityGroup', {
        vpcId: vpc.id,
        description: 'HTTPS from the VPC to the private endpoints',
        tags: tags('endpoints'),
      }),
    );
    new SecurityGroupIngressRule(
      ...this.child('fromVpc', {
        securityGroupId: group.id,
        cidrIpv4: vpc.cidrBlock,
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        description: 'From the VPC',
        tags: tags('endpoints'),
      }),
    );
    for (const service of ['ecr.api', 'ecr.dkr']) {
      new VpcEndpoint(
        ...this.child(
          'endpoint',
          {
            vpcId: vpc.id,
            serviceName: interpolate`com.amazonaws.${region}.${service}`,
            vpcEndpointType: 'Interface',
            privateDnsEnabled: true,
            subnetIds: subnets.map(({ id }) => id),
            securityGroupIds: [group.id],
            tags: tags(service),
          },
          {},
          service.replace('.', '-'),
        ),
      );
    }
  }
}
