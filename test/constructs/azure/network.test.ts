import { Network, type NetworkArgs } from '../../../constructs/azure/network';
import { runProgram, UNKNOWN } from '../../support/pulumi-mocks';
import { AZURE, AZURE_PREVIEW } from './azure-mocks';

const build = (args: Partial<NetworkArgs> = {}) =>
  new Network('chat-network', { resourceGroupName: 'chat', location: 'westeurope', ...args });

describe('Network', () => {
  it('makes a subnet for nodes and one for private endpoints', async () => {
    const run = await runProgram(() => build(), AZURE);
    expect(run.counts()).toEqual({
      'azure-native:network:NetworkSecurityGroup': 1,
      'azure-native:network:Subnet': 2,
      'azure-native:network:VirtualNetwork': 1,
    });
    const [endpoints, nodes] = run.ofType('azure-native:network:Subnet');
    expect(nodes?.inputs).toMatchObject({ addressPrefix: '10.0.0.0/20', defaultOutboundAccess: false });
    expect(endpoints?.inputs).toMatchObject({
      addressPrefix: '10.0.16.0/24',
      privateEndpointNetworkPolicies: 'NetworkSecurityGroupEnabled',
      networkSecurityGroup: { id: 'chat-network-endpoint-rules-id' },
    });
    // A network refuses two changes at once.
    expect(endpoints?.dependencies).toContain(nodes?.urn);
    expect(run.get('azure-native:network:VirtualNetwork').ignoreChanges).toEqual(['subnets']);
  });

  it('lets only the nodes reach the data services, and only on their ports', async () => {
    const run = await runProgram(() => build({ cidr: '10.7.0.0/16' }), AZURE);
    const { securityRules } = run.get('azure-native:network:NetworkSecurityGroup').inputs;
    expect(securityRules).toMatchObject([
      {
        access: 'Allow',
        direction: 'Inbound',
        priority: 100,
        sourceAddressPrefix: '10.7.0.0/20',
        destinationAddressPrefix: '10.7.16.0/24',
        destinationPortRanges: ['2049', '5432', '3306', '10000', '8500-8599'],
      },
      { access: 'Deny', direction: 'Inbound', priority: 4096, sourceAddressPrefix: '*', protocol: '*' },
    ]);
  });

  it('makes a NAT gateway where that is asked for, for the nodes alone', async () => {
    const run = await runProgram(() => build({ outbound: 'nat-gateway' }), AZURE);
    expect(run.counts()).toMatchObject({
      'azure-native:network:NatGateway': 1,
      'azure-native:network:PublicIPAddress': 1,
    });
    expect(run.get('azure-native:network:PublicIPAddress').inputs).toMatchObject({
      sku: { name: 'Standard' },
      publicIPAllocationMethod: 'Static',
    });
    const subnets = run.ofType('azure-native:network:Subnet').map(({ inputs }) => inputs.natGateway);
    expect(subnets).toEqual([undefined, { id: 'chat-network-nat-gateway-id' }]);
  });

  it('knows its addresses in a preview', async () => {
    const run = await runProgram(() => build(), AZURE_PREVIEW);
    expect(run.result.endpointSubnetCidr).toBe('10.0.16.0/24');
    expect(run.ofType('azure-native:network:Subnet').map(({ inputs }) => inputs.virtualNetworkName)).toEqual([
      UNKNOWN,
      UNKNOWN,
    ]);
  });

  it('refuses what does not fit, all together', async () => {
    const run = await runProgram(() => {
      expect(() =>
        build({ location: 'West Europe', cidr: '10.0.0.0/18', outbound: JSON.parse('"nat"') }),
      ).toThrow(/3 problems[\s\S]*location = "West Europe"[\s\S]*cidr = [\s\S]*outbound = "nat"/);
      expect(() => build({ cidr: '172.20.0.0/16' })).toThrow(/services \(172\.20\.0\.0\/16\)/);
      expect(() => build({ cidr: '10.244.0.0/16' })).toThrow(/pods \(10\.244\.0\.0\/16\)/);
    }, AZURE);
    expect(run.resources).toEqual([]);
  });
});
