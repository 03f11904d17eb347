import { secret } from '@pulumi/pulumi';
import { existingCache } from '../../../constructs/aws/existing-cache';
import { existingCluster } from '../../../constructs/aws/existing-cluster';
import { existingDatabase } from '../../../constructs/aws/existing-database';
import { existingFileSystem } from '../../../constructs/aws/existing-file-system';
import { existingNetwork } from '../../../constructs/aws/existing-network';
import { InvalidInputError } from '../../../constructs/contracts';
import { opened, runProgram } from '../../support/pulumi-mocks';
import { existing, PRIVATE_A, PRIVATE_A2, PRIVATE_B, PUBLIC_A } from './existing-mocks';

const CREDENTIALS = { username: 'chat', password: secret('password-of-the-user') };

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
  const lookUp = () => existingFileSystem({ name: 'chat', fileSystemId: 'fs-0123456789abcdef0' });

  it('gives the storage of a file system that fits', async () => {
    const run = await runProgram(lookUp, { answers: existing() });
    expect((await opened(run.result.contract)).value).toMatchObject({
      kind: 'efs',
      storageClass: { name: 'chat-efs', parameters: { fileSystemId: 'fs-0123456789abcdef0' } },
    });
    expect(run.resources).toEqual([]);
  });

  it('refuses bursting, unencrypted and single-zone file systems, for all their reasons', async () => {
    const message = await refusal(
      lookUp,
      existing({
        fileSystem: { throughputMode: 'bursting', encrypted: false, availabilityZoneName: 'eu-central-1a' },
      }),
    );
    expect(message).toMatch(/3 problems/);
    expect(message).toMatch(/bursting[\s\S]*set it to elastic/);
    expect(message).toMatch(/not encrypted/);
    expect(message).toMatch(/one zone \(eu-central-1a\)/);
  });

  it('plans with provisioned throughput', async () => {
    const run = await runProgram(lookUp, {
      answers: existing({ fileSystem: { throughputMode: 'provisioned', provisionedThroughputInMibps: 100 } }),
    });
    expect(run.result.contract.throughput).toEqual({ perClient: 104_857_600, aggregate: 104_857_600 });
  });

  it('says that a file system is not there, or misspelled', async () => {
    expect(await refusal(lookUp, {})).toMatch(/fileSystemId = "fs-0123456789abcdef0"\n.*can't be looked up/);
    expect(await refusal(() => existingFileSystem({ name: 'chat', fileSystemId: 'models' }), {})).toMatch(
      /is not the id/,
    );
  });
});

describe('existingCache', () => {
  const lookUp = (requiredConnections?: number) =>
    existingCache({
      name: 'chat-cache',
      replicationGroupId: 'sessions',
      credentials: CREDENTIALS,
      requiredConnections,
    });

  it('gives the connection, its addresses and the Secret', async () => {
    const run = await runProgram(() => lookUp(), { answers: existing() });
    expect((await opened(run.result.contract)).value).toEqual({
      host: 'master.sessions.abc123.euc1.cache.amazonaws.com',
      port: 6379,
      mode: 'single',
      tls: true,
      credentials: { secretName: 'chat-cache' },
      maxConnections: 65_000,
      egress: { cidrs: ['10.9.97.0/24', '10.9.98.0/24'], ports: [6379] },
    });
    expect(await opened(run.result.objects[0])).toMatchObject({ secret: true, value: { kind: 'Secret' } });
  });

  it('follows shards', async () => {
    const address = 'clustercfg.sessions.abc123.euc1.cache.amazonaws.com';
    const run = await runProgram(() => lookUp(), {
      answers: existing({
        replicationGroup: { configurationEndpointAddress: address, primaryEndpointAddress: '' },
      }),
    });
    expect(run.result.contract).toMatchObject({ host: address, mode: 'cluster' });
  });

  it('leaves a Secret alone that somebody else keeps', async () => {
    const credentials = { secretName: 'from-vault', passwordKey: 'token' };
    const run = await runProgram(
      () => existingCache({ name: 'chat-cache', replicationGroupId: 'sessions', credentials }),
      { answers: existing() },
    );
    expect(run.result.contract.credentials).toEqual(credentials);
    expect(run.result.objects).toEqual([]);
  });

  it('refuses one zone, no failover, no TLS and too few connections, for all their reasons', async () => {
    const message = await refusal(
      () => lookUp(30_000),
      existing({
        replicationGroup: {
          multiAzEnabled: false,
          automaticFailoverEnabled: false,
          primaryEndpointAddress: 'sessions.abc123.ng.0001.euc1.cache.amazonaws.com',
          nodeType: 'cache.t3.small',
        },
      }),
    );
    expect(message).toMatch(/4 problems/);
    for (const reason of [/one zone/, /does not fail over/, /no TLS/, /grants 20000 connections/]) {
      expect(message).toMatch(reason);
    }
  });
});

describe('existingDatabase', () => {
  const lookUp = (more: Partial<Parameters<typeof existingDatabase>[0]> = {}) =>
    existingDatabase({
      name: 'chat-database',
      region: 'eu-central-1',
      instanceIdentifier: 'chat',
      credentials: CREDENTIALS,
      ...more,
    });

  it('gives the connection, its authorities and the Secret', async () => {
    const run = await runProgram(() => lookUp(), { answers: existing() });
    expect((await opened(run.result.contract)).value).toMatchObject({
      host: 'chat.abc123.eu-central-1.rds.amazonaws.com',
      database: 'chat',
      tls: { mode: 'verify-full', ca: { configMapName: 'chat-database-ca', key: 'ca.pem' } },
      maxConnections: 796,
      egress: { cidrs: ['10.9.97.0/24', '10.9.98.0/24'], ports: [5432] },
    });
    expect(run.result.objects.map(({ kind }) => kind)).toEqual(['Secret', 'ConfigMap']);
  });

  it('refuses what can not be relied on, for all reasons', async () => {
    const message = await refusal(
      () => lookUp({ requiredConnections: 1000 }),
      existing({
        instance: {
          multiAz: false,
          storageEncrypted: false,
          publiclyAccessible: true,
          backupRetentionPeriod: 1,
          dbName: '',
        },
      }),
    );
    expect(message).toMatch(/6 problems/);
    for (const reason of [
      /one zone/,
      /not encrypted/,
      /public address/,
      /backups for 1 days/,
      /databaseName/,
      /grants 796/,
    ]) {
      expect(message).toMatch(reason);
    }
  });

  it('refuses other engines, and asks for the connections of a class that it does not know', async () => {
    expect(await refusal(() => lookUp(), existing({ instance: { engine: 'sqlserver-ex' } }))).toMatch(
      /sqlserver-ex/,
    );
    const unknown = existing({ instance: { dbInstanceClass: 'db.x9z.large' } });
    expect(await refusal(() => lookUp(), unknown)).toMatch(/db\.x9z\.large[\s\S]*say them: maxConnections/);
    expect(await refusal(() => lookUp({ maxConnections: 500 }), unknown)).toBe('');
  });
});

describe('existingCluster', () => {
  const lookUp = (more: Partial<Parameters<typeof existingCluster>[0]> = {}) =>
    existingCluster({ clusterName: 'platform', region: 'eu-central-1', ...more });

  it('finds one private subnet in each zone, the security group of the nodes, and where DNS answers', async () => {
    const run = await runProgram(() => lookUp(), { answers: existing() });
    expect(run.result.placement).toEqual({
      vpcId: 'vpc-0eeeeeeeeeeeeeee0',
      clientSecurityGroupId: 'sg-0eeeeeeeeeeeeeee0',
      subnetIds: [PRIVATE_A, PRIVATE_B],
      subnetCidrs: ['10.9.97.0/24', '10.9.98.0/24'],
    });
    expect(run.result.dnsAddress).toBe('10.100.0.10');
    expect(await opened(run.result.kubeconfig)).toMatchObject({
      secret: true,
      value: expect.stringContaining('get-token'),
    });
    expect(run.resources).toEqual([]);
  });

  it('has DNS in pods where nodes are not Auto Mode', async () => {
    const run = await runProgram(() => lookUp(), { answers: existing({ cluster: { computeConfigs: [] } }) });
    expect(run.result.dnsAddress).toBeUndefined();
  });

  it('refuses a cluster that is not there, not active, in one zone or without the driver', async () => {
    expect(await refusal(() => lookUp(), {})).toMatch(/clusterName = "platform"\n.*can't be looked up/);
    const { 'aws:eks/getAddon:getAddon': _none, ...withoutDriver } = existing({
      cluster: { status: 'UPDATING' },
    });
    const message = await refusal(() => lookUp(), withoutDriver);
    expect(message).toMatch(/is UPDATING/);
    expect(message).toMatch(/aws-efs-csi-driver is not in platform/);
    const oneZone = { vpcConfig: { ...existingVpc, subnetIds: [PUBLIC_A, PRIVATE_A] } };
    expect(await refusal(() => lookUp(), existing({ cluster: oneZone }))).toMatch(/fewer than two zones/);
    expect(await refusal(() => lookUp({ fileSystemDriver: 'self-managed' }), withoutDriver)).not.toMatch(
      /driver/,
    );
  });
});

describe('existingNetwork', () => {
  const lookUp = (privateSubnetIds: string[], dataSubnetIds?: string[]) =>
    existingNetwork({ privateSubnetIds, dataSubnetIds });

  it('finds the VPC, and puts data in the private subnets of each zone', async () => {
    const run = await runProgram(() => lookUp([PRIVATE_A, PRIVATE_A2, PRIVATE_B]), { answers: existing() });
    expect(run.result).toEqual({
      vpcId: 'vpc-0eeeeeeeeeeeeeee0',
      privateSubnetIds: [PRIVATE_A, PRIVATE_A2, PRIVATE_B],
      dataSubnetIds: [PRIVATE_A, PRIVATE_B],
      dataSubnetCidrs: ['10.9.97.0/24', '10.9.98.0/24'],
    });
  });

  it('refuses public subnets, one zone, and a VPC without DNS names', async () => {
    expect(await refusal(() => lookUp([PUBLIC_A, PRIVATE_B]), existing())).toMatch(
      /privateSubnetIds\[0\].*\n.*is public/,
    );
    expect(await refusal(() => lookUp([PRIVATE_A, PRIVATE_A2]), existing())).toMatch(/fewer than two zones/);
    expect(await refusal(() => lookUp([PRIVATE_A, PRIVATE_B], [PRIVATE_A]), existing())).toMatch(
      /dataSubnetIds/,
    );
    const noNames = existing({ vpc: { enableDnsHostnames: false } });
    expect(await refusal(() => lookUp([PRIVATE_A, PRIVATE_B]), noNames)).toMatch(/without DNS names/);
  });
});

const existingVpc = { vpcId: 'vpc-0eeeeeeeeeeeeeee0', clusterSecurityGroupId: 'sg-0eeeeeeeeeeeeeee0' };
