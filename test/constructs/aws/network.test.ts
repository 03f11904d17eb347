import { Network, type NetworkArgs } from '../../../constructs/aws/network';
import { runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { AWS, AWS_PREVIEW } from './aws-mocks';

const ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
const build = (args: Partial<NetworkArgs> = {}) =>
  new Network('chat-network', { region: 'eu-central-1', zones: ZONES, ...args });

const THREE_ZONES = {
  'aws:ec2/eip:Eip': 3,
  'aws:ec2/internetGateway:InternetGateway': 1,
  'aws:ec2/natGateway:NatGateway': 3,
  'aws:ec2/route:Route': 4,
  'aws:ec2/routeTable:RouteTable': 5,
  'aws:ec2/routeTableAssociation:RouteTableAssociation': 9,
  'aws:ec2/subnet:Subnet': 9,
  'aws:ec2/vpc:Vpc': 1,
  'aws:ec2/vpcEndpoint:VpcEndpoint': 1,
};

describe('Network', () => {
  it.each([
    ['up', AWS],
    ['preview', AWS_PREVIEW],
  ])('makes three subnets in each of three zones, in %s', async (_mode, cloud) => {
    const run = await runProgram(() => build(), cloud);
    expect(run.counts()).toEqual(THREE_ZONES);
    expect(
      run
        .ofType('aws:ec2/subnet:Subnet')
        .map(({ name, inputs }) => [name, inputs.availabilityZone, inputs.cidrBlock]),
    ).toEqual([
      ['chat-network-isolated-subnet-1', 'eu-central-1a', '10.0.136.0/23'],
      ['chat-network-isolated-subnet-2', 'eu-central-1b', '10.0.138.0/23'],
      ['chat-network-isolated-subnet-3', 'eu-central-1c', '10.0.140.0/23'],
      ['chat-network-private-subnet-1', 'eu-central-1a', '10.0.0.0/19'],
      ['chat-network-private-subnet-2', 'eu-central-1b', '10.0.32.0/19'],
      ['chat-network-private-subnet-3', 'eu-central-1c', '10.0.64.0/19'],
      ['chat-network-public-subnet-1', 'eu-central-1a', '10.0.128.0/23'],
      ['chat-network-public-subnet-2', 'eu-central-1b', '10.0.130.0/23'],
      ['chat-network-public-subnet-3', 'eu-central-1c', '10.0.132.0/23'],
    ]);
  });

  it('tags the subnets where load balancers look for them, and gives none a public address', async () => {
    const run = await runProgram(() => build(), AWS);
    for (const { name, inputs } of run.ofType('aws:ec2/subnet:Subnet')) {
      const tags = Object.keys(inputs.tags as Record<string, string>);
      expect(tags.includes('kubernetes.io/role/elb')).toBe(name.includes('public'));
      expect(tags.includes('kubernetes.io/role/internal-elb')).toBe(name.includes('private'));
      expect(inputs).not.toHaveProperty('mapPublicIpOnLaunch');
    }
  });

  it('lets each zone out by its own gateway, and the isolated tier not at all', async () => {
    const run = await runProgram(() => build(), AWS);
    const routes = run
      .ofType('aws:ec2/route:Route')
      .map(({ inputs }) => [inputs.routeTableId, inputs.natGatewayId ?? inputs.gatewayId]);
    expect(routes).toContainEqual(['chat-network-private-route-table-2-id', 'chat-network-nat-gateway-2-id']);
    expect(routes.some(([table]) => String(table).includes('isolated'))).toBe(false);
  });

  it('saves two gateways where one zone may take the others along', async () => {
    const run = await runProgram(() => build({ nat: 'single' }), AWS);
    expect(run.counts()).toEqual({
      ...THREE_ZONES,
      'aws:ec2/eip:Eip': 1,
      'aws:ec2/natGateway:NatGateway': 1,
    });
    const gateways = run
      .ofType('aws:ec2/route:Route')
      .map(({ inputs }) => inputs.natGatewayId)
      .filter(Boolean);
    expect(gateways).toEqual(Array(3).fill('chat-network-nat-gateway-1-id'));
  });

  it('adds private endpoints for the registry on request', async () => {
    const run = await runProgram(() => build({ registryEndpoints: true }), AWS);
    const endpoints = run.ofType('aws:ec2/vpcEndpoint:VpcEndpoint');
    expect(endpoints.map(({ inputs }) => [inputs.serviceName, inputs.vpcEndpointType])).toEqual([
      ['com.amazonaws.eu-central-1.ecr.api', 'Interface'],
      ['com.amazonaws.eu-central-1.ecr.dkr', 'Interface'],
      ['com.amazonaws.eu-central-1.s3', 'Gateway'],
    ]);
    expect(endpoints[1]?.inputs).toMatchObject({ privateDnsEnabled: true });
    expect(endpoints[2]?.inputs).not.toHaveProperty('subnetIds');
  });

  it('changes no name when a zone is added or gateways are saved', async () => {
    const two = await runProgram(() => build({ zones: ZONES.slice(0, 2) }), AWS);
    const three = await runProgram(() => build(), AWS);
    expect(three.names()).toEqual(expect.arrayContaining(two.names()));
    const cidr = (run: typeof two) =>
      run.get('aws:ec2/subnet:Subnet', 'chat-network-isolated-subnet-2').inputs.cidrBlock;
    expect(cidr(two)).toBe(cidr(three));
  });

  it('knows no ids in a preview, but all addresses', async () => {
    const run = await runProgram(() => build(), AWS_PREVIEW);
    expect(run.get('aws:ec2/natGateway:NatGateway', 'chat-network-nat-gateway-1').inputs.subnetId).toBe(
      UNKNOWN,
    );
    expect(run.result.isolatedSubnetCidrs).toEqual(['10.0.136.0/23', '10.0.138.0/23', '10.0.140.0/23']);
  });

  it.each<[string, Partial<NetworkArgs>, RegExp]>([
    ['one zone', { zones: ['eu-central-1a'] }, /zones = .*\n.*two to four zones/],
    ['a zone twice', { zones: ['eu-central-1a', 'eu-central-1a'] }, /names a zone twice/],
    ['a network with host bits', { cidr: '10.0.0.1/16' }, /cidr = "10\.0\.0\.1\/16"/],
    ['a network that is too small', { cidr: '10.0.0.0/20' }, /is not a \/16, \/17 or \/18/],
    ["the addresses of the cluster's services", { cidr: '172.20.64.0/18' }, /overlaps with/],
    [
      'an unknown kind of gateway',
      { nat: JSON.parse('"none"') },
      /nat = "none"\n.*\n.*"per-zone" or "single"/,
    ],
  ])('refuses %s', async (_what, args, message) => {
    const run = await runProgram(() => {
      expect(() => build(args)).toThrow(message);
    }, AWS);
    expect(run.resources).toEqual([]);
  });
});
