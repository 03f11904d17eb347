import { App } from 'cdk8s';
import { COMMANDS, PATHS } from '../../../runtime/contract.cjs';
import type { StreamingChatInput } from '../../../stacks/streaming-chat/schema';
import { StreamingChatChart } from '../../../stacks/streaming-chat/streaming-chat-chart';
import { madeUpSecrets } from '../../../stacks/system/secrets';
import { systemOf } from '../../../stacks/system/systems';
import { validateTopology } from '../../../stacks/topology';
import { runtimeConfigOf } from '../../support/runtime-config';
import { manifestsOf, strictFaults } from '../../support/strict-validation';
import { problemsOf } from '../topology/support';

const MANAGED = {
  image: 'ghcr.io/acme/polypod-runtime:0.1.0',
  storage: { kind: 'nfs', server: 'nfs.acme.internal', path: '/models' },
  cache: {
    host: 'cache.acme.internal',
    credentials: { secretName: 'talk-cache' },
    maxConnections: 10_000,
    cidrs: ['10.0.1.0/24'],
  },
  database: {
    host: 'database.acme.internal',
    credentials: { secretName: 'talk-database' },
    maxConnections: 400,
    cidrs: ['10.0.2.0/24'],
  },
} satisfies StreamingChatInput['backing'];

const PUBLIC = {
  type: 'gateway-api',
  hosts: ['talk.acme.dev'],
  tls: { secretName: 'talk-tls' },
} satisfies StreamingChatInput['traffic'];

const input = (change: Partial<StreamingChatInput> = {}): StreamingChatInput => ({
  kind: 'StreamingChat',
  name: 'talk',
  models: [{ name: 'tiny', source: 'hf:acme/tiny-GGUF/tiny.gguf', size: '1Gi' }],
  traffic: PUBLIC,
  backing: MANAGED,
  ...change,
});

function laid(change?: Partial<StreamingChatInput>) {
  const topology = validateTopology(input(change), 'test');
  const chart = new StreamingChatChart(new App(), 'talk', topology);
  return { chart, manifests: manifestsOf(chart) };
}

const named = (manifests: ReturnType<typeof manifestsOf>, kind: string, name: string) => {
  const found = manifests.find((one) => one.kind === kind && one.metadata?.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return JSON.parse(JSON.stringify(found));
};

describe('what it lays', () => {
  test("the guide's three and three, valid, without a finding", () => {
    const { chart, manifests } = laid();
    expect(strictFaults(manifests)).toEqual([]);
    expect(chart.check().findings).toEqual([]);
    expect(named(manifests, 'HorizontalPodAutoscaler', 'talk-gateway').spec).toMatchObject({
      minReplicas: 3,
      maxReplicas: 6,
    });
    expect(named(manifests, 'StatefulSet', 'talk-worker').spec.replicas).toBe(3);
    expect(named(manifests, 'Deployment', 'talk-controller').spec.replicas).toBe(2);
  });

  test('a range that is given by one end keeps the other', () => {
    const { settings } = resolved({ roles: { gateway: { replicas: { max: 12 } }, worker: { replicas: 5 } } });
    expect(Object.fromEntries(settings.workloads.map(({ role, replicas }) => [role, replicas]))).toEqual({
      gateway: { min: 3, max: 12 },
      worker: { min: 5, max: 5 },
      controller: { min: 2, max: 2 },
    });
  });

  test('browsers come back to their gateway by cookie, and no proxy cuts a quiet connection', () => {
    const { manifests } = laid();
    expect(named(manifests, 'BackendTrafficPolicy', 'talk').spec.loadBalancer).toEqual({
      type: 'ConsistentHash',
      consistentHash: {
        type: 'Cookie',
        cookie: { name: 'polypod-session', ttl: '1h', attributes: { SameSite: 'Lax' } },
      },
    });
    expect(named(manifests, 'ClientTrafficPolicy', 'talk').spec.timeout.http).toMatchObject({
      streamIdleTimeout: '1h',
    });
    const paths = JSON.stringify(named(manifests, 'HTTPRoute', 'talk').spec.rules);
    expect(paths).toContain(`{"type":"Exact","value":"${PATHS.chat}"}`);
    expect(paths).not.toContain('/api/v1');
  });

  test('a pod that goes is withdrawn first, then hands over', () => {
    const { manifests } = laid();
    for (const [kind, name] of [
      ['Deployment', 'talk-gateway'],
      ['StatefulSet', 'talk-worker'],
    ] as const) {
      const pod = named(manifests, kind, name).spec.template.spec;
      expect(pod.terminationGracePeriodSeconds).toBe(45);
      expect(pod.containers[0].lifecycle.preStop.exec.command).toEqual(COMMANDS.sleep(10));
    }
  });

  test('only gateways are reached from outside, and only they reach who confirms logins', () => {
    const oidc = { issuer: 'https://login.acme.dev', clientId: 'talk', clientSecret: { secretName: 'sso' } };
    const { chart, manifests } = laid({ security: { access: { oidc } } });
    const ways = chart.stack.reach.map(({ from, to, port }) => `${from.name} → ${to.name}:${port}`);
    expect(ways).toContain('namespace envoy-gateway-system → talk-gateway:8080');
    expect(ways.filter((way) => way.startsWith('namespace envoy') && !way.includes('gateway:8080'))).toEqual(
      [],
    );
    expect(JSON.stringify(named(manifests, 'Deployment', 'talk-gateway'))).toContain('"sso"');
    expect(JSON.stringify(named(manifests, 'StatefulSet', 'talk-worker'))).not.toContain('"sso"');
    expect(JSON.stringify(named(manifests, 'Deployment', 'talk-controller'))).not.toContain('"sso"');
  });
});

describe("what the runtime reads of it, with the runtime's own code", () => {
  test.each(['gateway', 'worker', 'controller'])(
    '%s: its role, a cache with an account, TLS, and limits',
    async (role) => {
      expect(await runtimeConfigOf(laid().manifests, `talk-${role}`)).toMatchObject({
        role,
        redis: {
          host: 'cache.acme.internal',
          tls: true,
          usernameFile: '/run/secrets/polypod/redis/username',
          passwordFile: '/run/secrets/polypod/redis/password',
        },
        database: { host: 'database.acme.internal', sslMode: 'verify-full' },
        cluster: { secretFile: '/run/secrets/polypod/cluster/secret' },
        limits: { requestsPerMinute: { perAddress: 600, perKey: 600 } },
      });
    },
  );

  test('the others ask for a login as well, and know nothing of how it is done', async () => {
    for (const name of ['talk-worker', 'talk-controller']) {
      const { access } = await runtimeConfigOf(laid().manifests, name);
      expect(access.mode).toBe('required');
      expect(access.firstAdmin).toBeUndefined();
    }
  });

  test('gateways know where browsers come from, whom proxies speak for, and the first account', async () => {
    const { access, http } = await runtimeConfigOf(laid().manifests, 'talk-gateway');
    expect(access).toMatchObject({
      publicUrl: 'https://talk.acme.dev',
      firstAdmin: { name: 'admin', passwordFile: '/run/secrets/polypod/access/admin-password' },
    });
    expect(http).toMatchObject({ proxyHops: 1, trustedProxies: expect.arrayContaining(['10.0.0.0/8']) });
  });

  test('every field below runtime', async () => {
    const runtime = {
      logLevel: 'debug',
      limits: {
        requestsPerMinute: { perAddress: 60, perKey: 120 },
        concurrentRequests: 512,
        promptTokens: 4096,
      },
      websocket: {
        heartbeat: '20s',
        maxConnections: 3000,
        maxConnectionsPerUser: 5,
        maxSubscriptions: 10,
        allowedOrigins: ['https://intranet.acme.dev'],
      },
      streams: { retention: '20m', stored: '2h', lease: '2s', outage: '15s' },
      cluster: { heartbeat: '2s', suspicion: 9.5, dead: '10s', lease: '10s', eventDays: 7 },
      routing: { breaker: { failures: 3, open: '30s' } },
      selfHealing: { hang: '90s', failures: 3, window: '10m', cooldown: '2m' },
    } satisfies StreamingChatInput['runtime'];
    const { manifests } = laid({ runtime });
    const read = {
      logLevel: 'debug',
      limits: runtime.limits,
      streams: { retentionSeconds: 1200, storedSeconds: 7200, leaseSeconds: 2, outageSeconds: 15 },
      cluster: { heartbeatSeconds: 2, suspicion: 9.5, deadSeconds: 10, leaseSeconds: 10, eventDays: 7 },
      routing: { breaker: { failures: 3, openSeconds: 30 } },
      selfHealing: { hangSeconds: 90, failures: 3, windowSeconds: 600, cooldownSeconds: 120 },
    };
    expect(await runtimeConfigOf(manifests, 'talk-worker')).toMatchObject(read);
    expect(await runtimeConfigOf(manifests, 'talk-gateway')).toMatchObject({
      ...read,
      websocket: {
        heartbeatSeconds: 20,
        maxConnections: 3000,
        maxConnectionsPerUser: 5,
        maxSubscriptions: 10,
        allowedOrigins: ['https://intranet.acme.dev'],
      },
    });
  });

  test('limits stay beside other fields, and can be lifted', async () => {
    const limits = async (runtime: StreamingChatInput['runtime']) =>
      (await runtimeConfigOf(laid({ runtime }).manifests, 'talk-gateway')).limits.requestsPerMinute;
    expect(await limits({ logLevel: 'warn', limits: { promptTokens: 100 } })).toEqual({
      perAddress: 600,
      perKey: 600,
    });
    expect(await limits({ limits: { requestsPerMinute: {} } })).toEqual({});
  });

  test('a model on some of the workers', async () => {
    const models: StreamingChatInput['models'] = [
      { name: 'tiny', source: 'demo:', size: '1Mi', placement: { replicas: 2, max: 3 } },
    ];
    const { models: read } = await runtimeConfigOf(laid({ models }).manifests, 'talk-worker');
    expect(read).toMatchObject([{ id: 'tiny', placement: { replicas: 2, max: 3 } }]);
  });
});

describe('what can not work is refused', () => {
  const cache = (change: object) => ({ ...MANAGED, cache: { ...MANAGED.cache, ...change } });

  test.each<[string, Partial<StreamingChatInput>, string]>([
    [
      'a cache without an account',
      { backing: cache({ credentials: undefined }) },
      'backing.cache.credentials',
    ],
    ['no cache', { backing: { ...MANAGED, cache: undefined } }, 'backing.cache'],
    ['chat for whoever comes', { security: { access: { mode: 'open' } } }, 'security.access.mode'],
    [
      'an address, and no way to log in at it',
      { security: { access: { publicUrl: 'https://talk.acme.dev' } } },
      'security.access.mode',
    ],
    ['one gateway', { roles: { gateway: { replicas: 1 } } }, 'roles.gateway.replicas'],
    ['one worker', { roles: { worker: { replicas: { min: 1, max: 3 } } } }, 'roles.worker.replicas'],
    ['no gateway', { roles: { gateway: { replicas: 0 } } }, 'roles.gateway.replicas.min'],
    [
      'a minimum above the maximum',
      { roles: { worker: { replicas: { min: 4, max: 2 } } } },
      'roles.worker.replicas.min',
    ],
    [
      'pings that come later than a balancer waits',
      { traffic: { ...PUBLIC, timeouts: { idle: '12s' } } },
      'traffic.timeouts.idle',
    ],
    [
      'pings that come later than Application Gateway waits',
      {
        traffic: {
          type: 'azure-agc',
          hosts: ['talk.acme.dev'],
          gateway: { name: 'shared' },
          loadBalancerCidrs: ['10.1.0.0/24'],
        },
        runtime: { websocket: { heartbeat: '5m' } },
      },
      'runtime.websocket.heartbeat',
    ],
    [
      'every site',
      { runtime: { websocket: { allowedOrigins: ['*'] } } },
      'runtime.websocket.allowedOrigins[0]',
    ],
    [
      'a site in clear text',
      { runtime: { websocket: { allowedOrigins: ['http://intranet.acme.dev'] } } },
      'runtime.websocket.allowedOrigins[0]',
    ],
    [
      'a page instead of a site',
      { runtime: { websocket: { allowedOrigins: ['https://intranet.acme.dev/chat'] } } },
      'runtime.websocket.allowedOrigins[0]',
    ],
    [
      'one limit for all clients together',
      { network: { isolation: false } },
      'runtime.limits.requestsPerMinute.perAddress',
    ],
    [
      'a public host without TLS',
      { traffic: { type: 'gateway-api', hosts: ['talk.acme.dev'] } },
      'traffic.hosts[0]',
    ],
    [
      'more connections than the database grants',
      { roles: { gateway: { replicas: { min: 3, max: 30 } } } },
      'backing.database.maxConnections',
    ],
    [
      'a model on more pods than there are',
      {
        models: [{ name: 'tiny', source: 'demo:', size: '1Mi', placement: { replicas: 9 } }],
      },
      'models[0].placement.replicas',
    ],
    [
      'a model on at most fewer pods than always',
      {
        models: [{ name: 'tiny', source: 'demo:', size: '1Mi', placement: { replicas: 3, max: 2 } }],
      },
      'models[0].placement.max',
    ],
    [
      'a login at a provider that knows no way back',
      {
        traffic: { type: 'none' },
        security: { access: { oidc: { issuer: 'https://login.acme.dev', clientId: 'talk' } } },
      },
      'security.access.publicUrl',
    ],
  ])('%s', (_what, change, path) => {
    expect(problemsOf(input(change)).map((problem) => problem.path)).toEqual([path]);
  });

  test('what belongs to one workload is not a field at the root', () => {
    const paths = problemsOf({ ...input(), replicas: 3, roles: 'all' }).map(({ path }) => path);
    expect(paths.sort()).toEqual(['replicas', 'roles']);
  });

  test('an engine that holds its model can not give it away', () => {
    const change: Partial<StreamingChatInput> = {
      engine: { name: 'vllm' },
      models: [{ name: 'big', source: 'hf:acme/big', size: '10Gi', placement: { replicas: 1 } }],
    };
    expect(problemsOf(input(change)).map(({ path }) => path)).toContain('models[0].placement');
  });

  test('open chat, where somebody says why', () => {
    const { manifests } = laid({
      security: { access: { mode: 'open' } },
      allow: { 'open-chat': 'behind the intranet gateway, which logs people in' },
    });
    expect(manifests.length).toBeGreaterThan(20);
  });
});

test('the Secrets that can be made up are the cluster and the first account', () => {
  const { system, settings } = resolved();
  expect(madeUpSecrets(system, settings).map(({ name }) => name)).toEqual(['talk-cluster', 'talk-admin']);
  expect(system.endpoint(settings)).toBe('https://talk.acme.dev/v1');
  expect(system.commandToTry(settings)).toContain(
    'kubectl -n talk exec service/talk -c runtime -- polypod-runtime keys create',
  );
});

function resolved(change?: Partial<StreamingChatInput>) {
  const system = systemOf('StreamingChat');
  return { system, settings: system.resolve(validateTopology(input(change), 'test')) };
}
