import { Network } from '../../../constructs/gcp/network';
import { networkParts } from '../../../constructs/gcp/network-arguments';
import fc from '../../support/fuzz';
import { opened, runProgram } from '../../support/pulumi-mocks';
import { GCP, MODES } from './gcp-mocks';

const build = (args: Partial<ConstructorParameters<typeof Network>[1]> = {}) =>
  new Network('chat-network', { region: 'europe-west3', ...args });

describe('Network', () => {
  it.each(MODES)(
    'makes one private subnetwork with a way out and one to managed services, in %s',
    async (_mode, cloud) => {
      const run = await runProgram(() => build(), cloud);
      expect(run.counts()).toEqual({
        'gcp:compute/globalAddress:GlobalAddress': 1,
        'gcp:compute/network:Network': 1,
        'gcp:compute/router:Router': 1,
        'gcp:compute/routerNat:RouterNat': 1,
        'gcp:compute/subnetwork:Subnetwork': 1,
        'gcp:servicenetworking/connection:Connection': 1,
      });
      expect(run.get('gcp:compute/network:Network').inputs).toMatchObject({ autoCreateSubnetworks: false });
      expect(run.get('gcp:compute/subnetwork:Subnetwork').inputs).toMatchObject({
        ipCidrRange: '10.0.128.0/20',
        privateIpGoogleAccess: true,
        secondaryIpRanges: [
          { rangeName: 'pods', ipCidrRange: '10.0.0.0/17' },
          { rangeName: 'services', ipCidrRange: '10.0.160.0/20' },
        ],
      });
      expect(run.get('gcp:compute/globalAddress:GlobalAddress').inputs).toMatchObject({
        purpose: 'VPC_PEERING',
        addressType: 'INTERNAL',
        address: '10.0.144.0',
        prefixLength: 20,
      });
      expect(run.get('gcp:compute/routerNat:RouterNat').inputs).toMatchObject({
        sourceSubnetworkIpRangesToNat: 'ALL_SUBNETWORKS_ALL_IP_RANGES',
        // The two exclude each other.
        enableDynamicPortAllocation: true,
        enableEndpointIndependentMapping: false,
      });
    },
  );

  it('gives managed services their place only when the peering stands', async () => {
    const run = await runProgram(() => build(), GCP);
    const { placement } = run.result;
    expect((await opened(placement.peeringRangeName)).value).toBe('chat-network-peering-range');
    expect(placement).toMatchObject({
      region: 'europe-west3',
      nodeCidr: '10.0.128.0/20',
      peeringRangeCidr: '10.0.144.0/20',
    });
  });

  it('keeps its parts apart, inside the network, whatever its size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 17 }), fc.nat(), (prefix, slot) => {
        const size = 2 ** (32 - prefix);
        const first = (slot % 2 ** (prefix - 8)) * size + 10 * 2 ** 24;
        const dotted = [24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256).join('.');
        const blocks = Object.values(networkParts(`${dotted}/${prefix}`)).map(range);
        for (const [low, high] of blocks) {
          expect(low).toBeGreaterThanOrEqual(first);
          expect(high).toBeLessThanOrEqual(first + size);
        }
        const sorted = [...blocks].sort(([a], [b]) => a - b);
        for (const [index, [low]] of sorted.entries()) {
          if (index > 0) expect(low).toBeGreaterThanOrEqual(sorted[index - 1]?.[1] ?? 0);
        }
      }),
    );
  });

  it('leaves a peering behind where all is torn down, which Google would not let go', async () => {
    const kept = await runProgram(() => build(), GCP);
    expect(kept.get('gcp:servicenetworking/connection:Connection').inputs).not.toHaveProperty(
      'deletionPolicy',
    );
    const gone = await runProgram(() => build({ removal: 'destroy' }), GCP);
    expect(gone.get('gcp:servicenetworking/connection:Connection').inputs.deletionPolicy).toBe('ABANDON');
  });

  it('says everything that is wrong before anything is registered', async () => {
    const run = await runProgram(() => {
      expect(() => build({ region: 'Frankfurt', cidr: '10.0.0.0/24', natLog: JSON.parse('"some"') })).toThrow(
        /3 problems[\s\S]*region = "Frankfurt"[\s\S]*cidr = "10\.0\.0\.0\/24"[\s\S]*natLog = "some"/,
      );
      expect(() => build({ cidr: '10.0.0.1/16' })).toThrow(/cidr/);
    }, GCP);
    expect(run.resources).toEqual([]);
  });
});

function range(cidr: string): [number, number] {
  const [address = '', prefix] = cidr.split('/');
  const first = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return [first, first + 2 ** (32 - Number(prefix))];
}
