import { App } from 'cdk8s';
import { type TopologyInput, validateTopology } from '../../stacks/topology';
import { topologyChart } from '../../stacks/topology-chart';
import { manifestsOf, strictFaults } from '../support/strict-validation';
import { problemsOf } from './topology/support';

const backing = {
  image: 'ghcr.io/acme/site:1.0.0',
  storage: { kind: 'efs', fileSystemId: 'fs-0123456789abcdef0' },
  database: 'local',
} as const;
const withCache = { ...backing, cache: 'local' } as const;

const MEMOS = { kind: 'Memos', name: 'memos', backup: {}, backing: withCache } as const;
const SYSTEMS: readonly TopologyInput[] = [
  {
    kind: 'Inference',
    name: 'chat',
    models: [{ name: 'demo', source: 'demo:', size: '1Mi' }],
    backup: {
      schedule: '0 */6 * * *',
      keep: 8,
      timeZone: 'Europe/Zurich',
      deadline: '20m',
      alertAfter: '7h',
    },
    observability: {},
    backing: withCache,
  },
  MEMOS,
  {
    kind: 'AnythingLLM',
    name: 'anything',
    llm: { runtime: { name: 'chat' }, model: 'demo' },
    backup: { claim: 'backups' },
    backing,
  },
];

function laid(system: TopologyInput) {
  const chart = topologyChart(new App(), 'site', validateTopology(system, 'test'));
  const manifests = manifestsOf(chart);
  return {
    chart,
    manifests,
    named: (name: string) => manifests.find(({ metadata }) => metadata?.name === name),
  };
}

test('systems of every kind with backups: valid, and without a finding', () => {
  const all = SYSTEMS.map(laid);
  for (const { chart } of all) expect(chart.check().findings).toEqual([]);
  expect(strictFaults(all.flatMap(({ manifests }) => manifests))).toEqual([]);
});

test('what the topology says is what is done', () => {
  const { named, manifests } = laid(SYSTEMS[0] ?? MEMOS);
  const cronJob = manifests.find(
    ({ kind, metadata }) => kind === 'CronJob' && metadata?.name === 'chat-backup',
  );
  expect(cronJob?.spec).toMatchObject({
    schedule: '0 */6 * * *',
    timeZone: 'Europe/Zurich',
    jobTemplate: { spec: { activeDeadlineSeconds: 1200 } },
  });
  expect(JSON.stringify(cronJob)).toContain('{"name":"KEEP","value":"8"}');
  expect(JSON.stringify(named('chat-backups'))).toContain('"storageClassName":"chat-efs"');
  const rules = JSON.stringify(manifests.find(({ kind }) => kind === 'PrometheusRule'));
  expect(rules).toContain('PolypodBackupMissing');
  expect(rules).toContain('> 25200');
});

test('both ends of the way to the database are opened, and no other', () => {
  const { manifests } = laid(MEMOS);
  const policy = (name: string) =>
    manifests.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata?.name === name);
  const ports = [
    { ports: [{ port: 5432 }] },
    {
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    },
  ];
  for (const name of ['memos-backup', 'memos-restore']) {
    expect(policy(name)?.spec).toMatchObject({ egress: ports });
    expect(policy(name)?.spec).not.toHaveProperty('ingress');
  }
  expect(JSON.stringify(policy('memos-database')?.spec)).toContain('"app.kubernetes.io/component":"backup"');
});

test('an existing claim is used, and none is made', () => {
  const { manifests, named } = laid(SYSTEMS[2] ?? MEMOS);
  expect(named('anything-backups')).toBeUndefined();
  expect(JSON.stringify(manifests)).toContain('{"claimName":"backups"}');
});

describe('what can not work is refused', () => {
  const database = {
    host: 'db.acme.internal',
    credentials: { secretName: 'db' },
    maxConnections: 1000,
    cidrs: ['10.0.0.0/24'],
  };
  const claim = { kind: 'existing-claim', name: 'files' };
  test.each<[string, object, object, string[]]>([
    ['no schedule', { schedule: 'nightly' }, {}, ['backup.schedule']],
    ['four fields', { schedule: '0 3 * *' }, {}, ['backup.schedule']],
    ['none kept', { keep: 0 }, {}, ['backup.keep']],
    ['an image that moves', { image: 'postgres:latest' }, {}, ['backup.image']],
    ['an unknown field', { retention: 3 }, {}, ['backup.retention']],
    ['a size for a claim that exists', { claim: 'backups', size: '5Gi' }, {}, ['backup.size']],
    ['no class to make a claim of', {}, { storage: claim }, ['backup.claim']],
    ['the claim that pods mount', { claim: 'files' }, { storage: claim }, ['backup.claim']],
    ['a server that can not be verified', {}, { database }, ['backing.database.ca']],
  ])('%s', (_what, backup, change, paths) => {
    const problems = problemsOf({ ...MEMOS, backup, backing: { ...withCache, ...change } });
    expect(problems.map(({ path }) => path)).toEqual(paths);
  });

  test('unless an image brings the authorities', () => {
    const backup = { image: 'ghcr.io/acme/postgres-with-ca:18.1' };
    const { manifests } = laid({ ...MEMOS, backup, backing: { ...withCache, database } });
    expect(JSON.stringify(manifests)).toContain('{"name":"PGSSLROOTCERT","value":"system"}');
  });
});
