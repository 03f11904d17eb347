import { App } from 'cdk8s';
import { parse } from 'yaml';
import { ENVIRONMENT } from '../../../runtime/contract.cjs';
import { configSchema } from '../../../runtime/src/config/config';
import { InferenceChart, inferenceTopology } from '../../../stacks/inference/inference-chart';
import { system } from '../../../stacks/inference/system';
import { givenSecrets, madeUpSecrets } from '../../../stacks/system/secrets';
import { manifestsOf } from '../../support/strict-validation';

type Input = Parameters<typeof inferenceTopology>[0];
type Access = NonNullable<Input['security']>['access'];

const OIDC = {
  issuer: 'https://login.example.org',
  clientId: 'polypod',
  clientSecret: { secretName: 'chat-oidc' },
  roleClaim: 'groups',
  roles: { ops: 'operator' as const },
};
const TRAFFIC: Input['traffic'] = {
  type: 'gateway-api',
  hosts: ['chat.example.org'],
  gateway: { name: 'public', namespace: 'gateways' },
};

const topology = (access: Access, change: Partial<Input> = {}) =>
  inferenceTopology({
    name: 'chat',
    models: [{ name: 'tiny', source: 'hf:acme/tiny/tiny.gguf', size: '1Gi' }],
    backing: {
      image: 'ghcr.io/acme/polypod-runtime:0.1.0',
      storage: { kind: 'nfs', server: 'nfs.acme.internal', path: '/models' },
      cache: 'local',
      database: 'local',
    },
    security: { access },
    ...change,
  });
const chart = (access: Access, change?: Partial<Input>) =>
  new InferenceChart(new App(), 'chat', topology(access, change));
const configOf = (made: InferenceChart) => {
  const map = manifestsOf(made).find(({ kind }) => kind === 'ConfigMap') as unknown as {
    data: Record<string, string>;
  };
  return parse(map.data['config.yaml'] ?? '');
};
/** Where the pods find a secret, if it is mounted there. */
const secretFile = (made: InferenceChart, variable: string): string | undefined => {
  const text = JSON.stringify(manifestsOf(made));
  const [, file = ''] =
    new RegExp(`"name":"${variable}","value":"/run/secrets/polypod/([^"]+)"`).exec(text) ?? [];
  return text.includes(`"path":"${file}"`) ? file : undefined;
};

test('without access nothing is said of it', () => {
  const made = chart(undefined);
  expect(configOf(made)).not.toHaveProperty('access');
  expect(JSON.stringify(manifestsOf(made))).not.toContain(ENVIRONMENT.adminPasswordFile);
});

test('the file says who may come, and secrets come as files', () => {
  const made = chart({ admin: {}, oidc: OIDC }, { traffic: TRAFFIC });
  const { access, http } = configOf(made);
  expect(access).toEqual({
    publicUrl: 'https://chat.example.org',
    firstAdmin: { name: 'admin' },
    oidc: { issuer: OIDC.issuer, clientId: 'polypod', roleClaim: 'groups', roles: { ops: 'operator' } },
  });
  expect(http).toMatchObject({ trustedProxies: expect.arrayContaining(['10.0.0.0/8']), proxyHops: 1 });
  expect(JSON.stringify(manifestsOf(made))).toContain(
    JSON.stringify({
      name: ENVIRONMENT.adminPasswordFile,
      value: '/run/secrets/polypod/access/admin-password',
    }),
  );
  expect(JSON.stringify(manifestsOf(made))).toContain(
    JSON.stringify({ secret: { items: [{ key: 'secret', path: 'access/oidc-secret' }], name: 'chat-oidc' } }),
  );
});

test.each<[string, Partial<Input>, unknown]>([
  ['nothing', {}, undefined],
  [
    'Google, whose own address follows the client’s',
    { traffic: { type: 'gke', hosts: ['chat.example.org'], certificateMap: 'chat' } },
    { trustedProxies: ['130.211.0.0/22', '35.191.0.0/16'], proxyHops: 2 },
  ],
  ['an open network', { traffic: TRAFFIC, network: { isolation: false } }, undefined],
])('of who calls, %s is believed', (_whom, change, http) => {
  expect(configOf(chart({ admin: {} }, change)).http).toEqual(http);
});

test('the runtime takes the file that is written, with the secrets where they are mounted', () => {
  const jwt = { issuer: 'https://ci.example.org', audience: 'chat' };
  const accesses: Access[] = [
    { admin: { name: 'ada@example.org' }, oidc: { ...OIDC, defaultRole: 'none', label: 'Example' } },
    { mode: 'required', jwt: { ...jwt, jwksUrl: 'https://ci.example.org/keys' } },
    { mode: 'open', jwt: { ...jwt, secret: { secretName: 'chat-jwt' }, roleClaim: 'groups' } },
  ];
  for (const access of accesses) {
    const made = chart(access, { traffic: TRAFFIC });
    const config = configOf(made);
    // As the runtime does it with its environment.
    const { firstAdmin, oidc, jwt } = config.access;
    if (firstAdmin) firstAdmin.passwordFile = secretFile(made, ENVIRONMENT.adminPasswordFile);
    if (oidc) oidc.clientSecretFile = secretFile(made, ENVIRONMENT.oidcClientSecretFile);
    if (jwt && !jwt.jwksUrl) jwt.secretFile = secretFile(made, ENVIRONMENT.jwtSecretFile);
    expect(configSchema.safeParse(config)).toMatchObject({ success: true });
  }
});

test('pods that log people in reach the provider, over the public internet', () => {
  const ways = (access: Access) =>
    chart(access, { traffic: TRAFFIC, roles: { gateway: {}, worker: { replicas: 2 }, controller: {} } })
      .stack.reach.filter(({ port }) => port === 443)
      .map(({ from }) => from.name)
      .sort();
  expect(ways({ oidc: OIDC })).toEqual(['chat-gateway', 'chat-worker']);
  expect(ways({ admin: {} })).toEqual(['chat-worker']);
});

test('the password can be made up, the others must be given', () => {
  const jwt = { issuer: 'a', audience: 'b', secret: { secretName: 'chat-jwt' } };
  const access: Access = { publicUrl: 'https://chat.example.org', admin: {}, oidc: OIDC, jwt };
  const settings = system.resolve(topology(access));
  expect(madeUpSecrets(system, settings)).toContainEqual({
    name: 'chat-admin',
    random: ['password'],
    fixed: {},
  });
  expect([...givenSecrets(system, settings).keys()]).toEqual(['chat-oidc', 'chat-jwt']);
});

test('secrets may lie in one Secret, which is made up once', () => {
  const secretName = 'chat-own';
  const { security } = topology({ admin: { password: { secretName, key: 'admin' } } });
  const settings = system.resolve({
    ...topology(undefined),
    security: { ...security, clusterSecret: { secretName, key: 'cluster' } },
  });
  expect(system.ownSecrets(settings)).toEqual([
    { name: secretName, random: ['cluster', 'admin'], fixed: {} },
  ]);
});

test('a provider at another port is reached there', () => {
  const { reach } = chart(
    { oidc: { ...OIDC, issuer: 'https://login.example.org:8443/realms/acme' } },
    { traffic: TRAFFIC },
  ).stack;
  expect(reach.some(({ port }) => port === 8443)).toBe(true);
});

test('refuses a provider that could send nobody back, and addresses without TLS', () => {
  expect(() => topology({ oidc: OIDC })).toThrow(/security\.access\.publicUrl.*is missing/s);
  expect(() => topology({ oidc: { ...OIDC, issuer: 'http://login.example.org' } })).toThrow(
    /security\.access\.oidc\.issuer.*https/s,
  );
  expect(() => topology({ publicUrl: 'https://example.org/chat', admin: {} })).toThrow(
    /security\.access\.publicUrl.*without a path/s,
  );
  expect(() => topology({ admin: { name: 'a da' } })).toThrow(/security\.access\.admin\.name/);
});
