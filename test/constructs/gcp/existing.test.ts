import { secret } from '@pulumi/pulumi';
import { InvalidInputError } from '../../../constructs/contracts';
import { existingCache } from '../../../constructs/gcp/existing-cache';
import { existingCluster } from '../../../constructs/gcp/existing-cluster';
import { existingDatabase } from '../../../constructs/gcp/existing-database';
import { existingFileSystem } from '../../../constructs/gcp/existing-file-system';
import { existingNetwork } from '../../../constructs/gcp/existing-network';
import { opened, runProgram } from '../../support/pulumi-mocks';
import { existing } from './existing-mocks';
import { NETWORK_ID } from './gcp-mocks';

const REGION = 'europe-west3';

/** Runs a look-up and gives its message; nothing may be registered either way. */
async function refusal(
  lookUp: () => Promise<unknown>,
  answers: ReturnType<typeof existing>,
): Promise<string> {
  let message = '';
  const run = await runProgram(
    async () => {
      try {
        await lookUp();
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        message = error.message;
      }
    },
    { answers },
  );
  expect(run.resources).toEqual([]);
  return message;
}

describe('existingFileSystem', () => {
  const lookUp = () => existingFileSystem({ name: 'chat', instanceName: 'models', location: REGION });

  it('gives the storage of an instance that fits, and its volume', async () => {
    const run = await runProgram(lookUp, { answers: existing() });
    expect(run.result.contract).toMatchObject({ kind: 'filestore', storageClass: 'chat' });
    expect((await opened(run.result.objects[0])).value).toMatchObject({
      kind: 'PersistentVolume',
      metadata: { name: 'chat' },
      spec: {
        capacity: { storage: '2048Gi' },
        csi: {
          volumeHandle: 'modeInstance/europe-west3/models/vol1',
          volumeAttributes: { ip: '10.9.0.2', volume: 'vol1' },
        },
      },
    });
    expect(run.resources).toEqual([]);
  });

  it('takes the older name of regional, which reads more slowly', async () => {
    const run = await runProgram(lookUp, { answers: existing({ filestore: { tier: 'ENTERPRISE' } }) });
    expect(run.result.contract.throughput.perClient).toBe(240 * 1024 ** 2);
  });

  it('refuses tiers of one zone and other protocols, for all their reasons', async () => {
    const message = await refusal(
      lookUp,
      existing({ filestore: { tier: 'BASIC_HDD', protocol: 'NFS_V4_1', networks: [] } }),
    );
    expect(message).toMatch(/3 problems[\s\S]*BASIC_HDD[\s\S]*NFS_V4_1[\s\S]*no address/);
  });

  it('says that an instance is not there', async () => {
    expect(await refusal(lookUp, {})).toMatch(/instanceName = "models"\n.*can't be looked up/);
  });
});

describe('existingCache', () => {
  const lookUp = (more: Partial<Parameters<typeof existingCache>[0]> = {}) =>
    existingCache({ name: 'chat-cache', instanceName: 'sessions', ...more }, REGION);

  it('gives the connection, with the password that Memorystore tells', async () => {
    const run = await runProgram(() => lookUp(), { answers: existing() });
    expect((await opened(run.result.contract)).value).toEqual({
      host: '10.9.1.4',
      port: 6378,
      mode: 'single',
      tls: { ca: { configMapName: 'chat-cache-ca', key: 'ca.pem' } },
      credentials: { secretName: 'chat-cache' },
      maxConnections: 65_000,
      egress: { cidrs: ['10.9.1.4/32'], ports: [6378] },
    });
    expect(await opened(run.result.objects[0])).toMatchObject({
      secret: true,
      value: { stringData: { username: 'default', password: 'auth-string-that-exists' } },
    });
  });

  it('leaves a Secret alone that somebody else keeps', async () => {
    const credentials = { secretName: 'from-vault', passwordKey: 'token' };
    const run = await runProgram(() => lookUp({ credentials }), { answers: existing() });
    expect(run.result.contract.credentials).toEqual(credentials);
    expect(run.result.objects.map(({ kind }) => kind)).toEqual(['ConfigMap']);
  });

  it('refuses one zone, no TLS, no password, eviction and too few connections, for all reasons', async () => {
    const message = await refusal(
      () => lookUp({ requiredConnections: 3000 }),
      existing({
        redis: {
          tier: 'BASIC',
          transitEncryptionMode: 'DISABLED',
          authEnabled: false,
          redisConfigs: { 'maxmemory-policy': 'volatile-lru' },
          redisVersion: 'REDIS_6_X',
        },
      }),
    );
    expect(message).toMatch(/5 problems/);
    for (const reason of [/BASIC/, /no TLS/, /lets everybody in/, /evicts keys/, /grants 2500/]) {
      expect(message).toMatch(reason);
    }
  });
});

describe('existingDatabase', () => {
  const lookUp = (more: Partial<Parameters<typeof existingDatabase>[0]> = {}) =>
    existingDatabase({
      name: 'chat-database',
      instanceName: 'chat',
      databaseName: 'chat',
      credentials: { username: 'chat', password: secret('password-of-the-user') },
      ...more,
    });

  it('gives the connection by the name of the certificate, its authorities and the Secret', async () => {
    const run = await runProgram(() => lookUp(), { answers: existing() });
    expect((await opened(run.result.contract)).value).toEqual({
      engine: 'postgresql',
      host: 'ee.ff.europe-west3.sql-psa.goog',
      port: 5432,
      database: 'chat',
      tls: { mode: 'verify-full', ca: { configMapName: 'chat-database-ca', key: 'ca.pem' } },
      credentials: { secretName: 'chat-database' },
      maxConnections: 1009,
      egress: { cidrs: ['10.9.2.3/32'], ports: [5432] },
    });
    expect(run.result.objects.map(({ kind }) => kind)).toEqual(['Secret', 'ConfigMap']);
  });

  it('goes by the flag of the server where it is set', async () => {
    const flags = { databaseFlags: [{ name: 'max_connections', value: '333' }] };
    const run = await runProgram(() => lookUp(), { answers: existing({ settings: flags }) });
    expect(run.result.contract.maxConnections).toBe(333);
  });

  it('refuses what can not be relied on, for all reasons', async () => {
    const message = await refusal(
      () => lookUp({ requiredConnections: 2000 }),
      existing({
        settings: {
          availabilityType: 'ZONAL',
          ipConfigurations: [
            {
              ipv4Enabled: true,
              sslMode: 'ALLOW_UNENCRYPTED_AND_ENCRYPTED',
              serverCaMode: 'GOOGLE_MANAGED_INTERNAL_CA',
            },
          ],
          backupConfigurations: [],
        },
      }),
    );
    expect(message).toMatch(/6 problems/);
    for (const reason of [
      /one zone/,
      /public address/,
      /without TLS/,
      /made out to no host name[\s\S]*GOOGLE_MANAGED_CAS_CA/,
      /no backups/,
      /grants 1009/,
    ]) {
      expect(message).toMatch(reason);
    }
  });

  it('refuses other engines, client certificates, and asks for the connections of a tier that it does not know', async () => {
    expect(
      await refusal(() => lookUp(), existing({ sql: { databaseVersion: 'SQLSERVER_2022_WEB' } })),
    ).toMatch(/SQLSERVER/);
    const certificates = [
      {
        ipv4Enabled: false,
        sslMode: 'TRUSTED_CLIENT_CERTIFICATE_REQUIRED',
        serverCaMode: 'CUSTOMER_MANAGED_CAS_CA',
      },
    ];
    expect(await refusal(() => lookUp(), existing({ settings: { ipConfigurations: certificates } }))).toMatch(
      /asks clients for certificates/,
    );
    expect(await refusal(() => lookUp(), existing({ sql: { dnsNames: [] } }))).toMatch(
      /1 problem\n[\s\S]*made out to no host name/,
    );
    const unknown = existing({ settings: { tier: 'db-perf-optimized-N-4' } });
    expect(await refusal(() => lookUp(), unknown)).toMatch(/db-perf-optimized-N-4[\s\S]*say them/);
    expect(await refusal(() => lookUp({ maxConnections: 500 }), unknown)).toBe('');
  });
});

describe('existingCluster', () => {
  const lookUp = () => existingCluster({ clusterName: 'platform', peeringRange: 'managed' }, REGION);

  it('finds the VPC, the addresses of the nodes, and where DNS answers', async () => {
    const run = await runProgram(lookUp, { answers: existing() });
    expect(run.result.placement).toEqual({
      region: REGION,
      networkId: NETWORK_ID,
      nodeCidr: '10.9.64.0/20',
      peeringRangeName: 'managed',
      peeringRangeCidr: '10.9.0.0/20',
    });
    expect(run.result.dnsAddress).toBe('169.254.20.10');
    expect(await opened(run.result.kubeconfig)).toMatchObject({
      secret: true,
      value: expect.stringContaining('https://203.0.113.20'),
    });
    expect(run.resources).toEqual([]);
  });

  it('has DNS in pods where the nodes have no cache', async () => {
    const addonsConfigs = [
      { gcpFilestoreCsiDriverConfigs: [{ enabled: true }], dnsCacheConfigs: [{ enabled: false }] },
    ];
    const run = await runProgram(lookUp, { answers: existing({ cluster: { addonsConfigs } }) });
    expect(run.result.dnsAddress).toBeUndefined();
  });

  it('knows that Autopilot has everything', async () => {
    const cluster = { enableAutopilot: true, datapathProvider: '', addonsConfigs: [] };
    const run = await runProgram(lookUp, { answers: existing({ cluster }) });
    expect(run.result.dnsAddress).toBe('169.254.20.10');
  });

  it('refuses a cluster that is not there, enforces nothing, has no driver, or lies in another VPC', async () => {
    expect(await refusal(lookUp, {})).toMatch(/clusterName = "platform"\n.*can't be looked up/);
    const message = await refusal(
      lookUp,
      existing({
        cluster: { datapathProvider: 'LEGACY_DATAPATH', addonsConfigs: [] },
        range: { network: 'projects/acme-chat/global/networks/other' },
      }),
    );
    expect(message).toMatch(/3 problems/);
    for (const reason of [/network policies/, /no CSI driver/, /networks\/other/])
      expect(message).toMatch(reason);
  });
});

describe('existingNetwork', () => {
  const lookUp = () => existingNetwork({ subnetwork: 'nodes', peeringRange: 'managed' }, REGION);

  it('finds the VPC and its ranges', async () => {
    const run = await runProgram(lookUp, { answers: existing() });
    expect(run.result).toEqual({
      place: {
        networkId: NETWORK_ID,
        subnetworkId: 'projects/acme-chat/regions/europe-west3/subnetworks/nodes',
        podsRangeName: 'pods',
        servicesRangeName: 'services',
      },
      placement: {
        region: REGION,
        networkId: NETWORK_ID,
        nodeCidr: '10.9.64.0/20',
        peeringRangeName: 'managed',
        peeringRangeCidr: '10.9.0.0/20',
      },
    });
  });

  it('refuses a subnetwork without ranges or private access, and a range for something else', async () => {
    const bare = existing({ subnetwork: { secondaryIpRanges: [], privateIpGoogleAccess: false } });
    expect(await refusal(lookUp, bare)).toMatch(
      /3 problems[\s\S]*podsRangeName = "pods"[\s\S]*servicesRangeName[\s\S]*private access/,
    );
    expect(await refusal(lookUp, existing({ range: { purpose: 'PRIVATE_SERVICE_CONNECT' } }))).toMatch(
      /peeringRange = "managed"\n.*private service access/,
    );
  });
});
