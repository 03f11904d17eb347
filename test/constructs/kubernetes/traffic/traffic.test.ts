import { App, Chart } from 'cdk8s';
import { InvalidInputError, placeholderText } from '../../../../constructs/contracts';
import type { TrafficProvider } from '../../../../constructs/kubernetes/traffic/props';
import { Traffic, type TrafficProps } from '../../../../constructs/kubernetes/traffic/traffic';
import { PATHS, PORTS } from '../../../../runtime/contract.cjs';

const host = 'chat.example.com';
const tls = { secretName: 'chat-tls' };
const base: TrafficProps = {
  name: 'chat',
  identity: { application: 'polypod-runtime', instance: 'chat', component: 'gateway' },
  hosts: [host],
  backend: { service: 'chat', port: 8080 },
  provider: { type: 'gateway-api', tls },
};

interface Made {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

function make(props: Partial<TrafficProps>) {
  const chart = new Chart(new App(), 'test', { namespace: 'llm' });
  const traffic = new Traffic(chart, 'traffic', { ...base, ...props });
  const manifests: Made[] = chart.toJson();
  const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  const find = (kind: string, name = 'chat') => {
    const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
    if (found === undefined) throw new Error(`no ${kind}/${name} among ${names.join(', ')}`);
    return found;
  };
  return { traffic, manifests, names, find };
}

function problemsOf(props: Partial<TrafficProps>) {
  try {
    make(props);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  return [];
}

function annotationsOf(provider: TrafficProvider, props: Partial<TrafficProps> = {}) {
  return make({ ...props, provider }).find('Ingress').metadata.annotations ?? {};
}

describe('gateway-api', () => {
  test('makes a Gateway with TLS, a route of public paths, and a redirect', () => {
    const { find, traffic } = make({});
    expect(find('Gateway').spec).toEqual({
      gatewayClassName: 'envoy',
      listeners: [
        { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'Same' } } },
        {
          name: 'https',
          hostname: host,
          port: 443,
          protocol: 'HTTPS',
          allowedRoutes: { namespaces: { from: 'Same' } },
          tls: { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', name: 'chat-tls' }] },
        },
      ],
    });
    expect(find('HTTPRoute').spec).toMatchObject({
      parentRefs: [{ name: 'chat', sectionName: 'https' }],
      hostnames: [host],
      rules: [{ backendRefs: [{ name: 'chat', port: 8080 }], timeouts: { request: '1h' } }],
    });
    expect(find('HTTPRoute', 'chat-redirect').spec).toMatchObject({
      parentRefs: [{ name: 'chat', sectionName: 'http' }],
      rules: [
        { filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] },
      ],
    });
    expect(traffic.warnings).toEqual([]);
    expect(traffic.clients).toEqual([{ namespace: 'envoy-gateway-system' }]);
  });

  test('opens the API, and neither operations nor metrics', () => {
    const [rule] = (
      make({}).find('HTTPRoute').spec as { rules: { matches: { path: { type: string; value: string } }[] }[] }
    ).rules;
    const opened = rule?.matches.map(({ path }) => `${path.type} ${path.value}`);
    expect(opened).toEqual(expect.arrayContaining(['PathPrefix /v1', `Exact ${PATHS.chat}`]));
    const reachable = (path: string) =>
      rule?.matches.some(({ path: { type, value } }) =>
        type === 'Exact' ? value === path : path === value || path.startsWith(`${value}/`),
      );
    expect(reachable('/v1/chat/completions')).toBe(true);
    for (const path of [PATHS.metrics, PATHS.leave, PATHS.ready, '/api/v1/cluster/status']) {
      expect(reachable(path)).toBe(false);
    }
  });

  test('keeps a client on its pod by a cookie, and lets streams be long and many', () => {
    const { find } = make({ timeouts: { requestSeconds: 0, idleSeconds: 900 } });
    expect(find('BackendTrafficPolicy').spec).toEqual({
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'chat' }],
      loadBalancer: {
        type: 'ConsistentHash',
        consistentHash: {
          type: 'Cookie',
          cookie: { name: 'polypod-session', ttl: '1h', attributes: { SameSite: 'Lax' } },
        },
      },
      timeout: { tcp: { connectTimeout: '10s' } },
      circuitBreaker: { maxConnections: 10_000, maxPendingRequests: 10_000, maxParallelRequests: 10_000 },
    });
    expect(find('ClientTrafficPolicy').spec).toEqual({
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'chat' }],
      timeout: { http: { idleTimeout: '15m', streamIdleTimeout: '15m' } },
    });
    expect(find('HTTPRoute').spec).toMatchObject({ rules: [{ timeouts: { request: '0s' } }] });
  });

  test('hashes a header, or spreads by load', () => {
    const loadBalancer = (affinity: TrafficProps['affinity']) =>
      make(affinity === undefined ? {} : { affinity }).find('BackendTrafficPolicy').spec.loadBalancer;
    expect(loadBalancer({ by: 'header', name: 'X-User' })).toEqual({
      type: 'ConsistentHash',
      consistentHash: { type: 'Header', header: { name: 'X-User' } },
    });
    expect(loadBalancer({ by: 'off' })).toEqual({ type: 'LeastRequest' });
  });

  test('attaches to a Gateway that is there, and leaves its policy to its owner', () => {
    const gateway = { name: 'public', namespace: 'edge', sectionName: 'https' };
    const { find, manifests, traffic } = make({ provider: { type: 'gateway-api', gateway } });
    expect(manifests.map(({ kind }) => kind)).toEqual(['HTTPRoute', 'BackendTrafficPolicy']);
    expect(find('HTTPRoute').spec).toMatchObject({ parentRefs: [gateway] });
    expect(traffic.warnings).toEqual([]);
    const open = make({ provider: { type: 'gateway-api', gateway: { name: 'public' } } }).traffic;
    expect(open.warnings).toEqual([expect.stringContaining('sectionName')]);
  });

  test('asks cert-manager for the certificate, a listener a host', () => {
    const { find } = make({
      hosts: [host, '*.example.org'],
      provider: { type: 'gateway-api', tls: { ...tls, clusterIssuer: 'letsencrypt' } },
    });
    expect(find('Gateway').metadata).toMatchObject({
      annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' },
    });
    expect(find('Gateway').spec).toMatchObject({
      listeners: [
        { name: 'http' },
        { name: 'https-1', hostname: host },
        { name: 'https-2', hostname: '*.example.org' },
      ],
    });
    expect(find('HTTPRoute').spec).toMatchObject({
      parentRefs: [
        { name: 'chat', sectionName: 'https-1' },
        { name: 'chat', sectionName: 'https-2' },
      ],
    });
  });

  test('serves plain HTTP inside, and outside only when told so', () => {
    const inside = make({ hosts: ['chat.internal'], provider: { type: 'gateway-api' } });
    expect(inside.names).toEqual([
      'Gateway/chat',
      'HTTPRoute/chat',
      'BackendTrafficPolicy/chat',
      'ClientTrafficPolicy/chat',
    ]);
    expect(inside.find('HTTPRoute').spec).toMatchObject({ parentRefs: [{ name: 'chat' }] });
    const outside = make({ provider: { type: 'gateway-api', tls: { unencrypted: 'TLS ends at the CDN' } } });
    expect(outside.traffic.warnings).toEqual([`${host} is served without TLS: TLS ends at the CDN`]);
    expect(outside.traffic.node.metadata).toMatchObject([
      { type: 'warning', data: outside.traffic.warnings[0] },
    ]);
  });

  test('with another implementation there is only the portable part', () => {
    const { manifests } = make({
      affinity: { by: 'off' },
      provider: { type: 'gateway-api', tls, implementation: 'other', className: 'istio' },
    });
    expect(manifests.map(({ kind }) => kind)).toEqual(['Gateway', 'HTTPRoute', 'HTTPRoute']);
  });
});

describe('aws-alb', () => {
  const provider: TrafficProvider = {
    type: 'aws-alb',
    tls: { certificateArns: ['arn:aws:acm:eu-west-1:123456789012:certificate/0123-abc'] },
    loadBalancerCidrs: ['10.0.0.0/20'],
  };

  test('targets pods, sticks by cookie, waits for long streams and for the drain', () => {
    expect(annotationsOf(provider)).toEqual({
      'alb.ingress.kubernetes.io/scheme': 'internet-facing',
      'alb.ingress.kubernetes.io/target-type': 'ip',
      'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80},{"HTTPS":443}]',
      'alb.ingress.kubernetes.io/ssl-redirect': '443',
      'alb.ingress.kubernetes.io/ssl-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      'alb.ingress.kubernetes.io/certificate-arn': 'arn:aws:acm:eu-west-1:123456789012:certificate/0123-abc',
      'alb.ingress.kubernetes.io/load-balancer-attributes':
        'idle_timeout.timeout_seconds=3600,routing.http.drop_invalid_header_fields.enabled=true',
      'alb.ingress.kubernetes.io/target-group-attributes':
        'deregistration_delay.timeout_seconds=30,load_balancing.algorithm.type=least_outstanding_requests,stickiness.enabled=true,stickiness.type=lb_cookie,stickiness.lb_cookie.duration_seconds=3600',
      'alb.ingress.kubernetes.io/healthcheck-path': PATHS.ready,
      'alb.ingress.kubernetes.io/healthcheck-interval-seconds': '10',
      'alb.ingress.kubernetes.io/healthcheck-timeout-seconds': '5',
      'alb.ingress.kubernetes.io/healthy-threshold-count': '2',
      'alb.ingress.kubernetes.io/unhealthy-threshold-count': '2',
      'alb.ingress.kubernetes.io/success-codes': '200',
    });
    expect(make({ provider }).traffic.clients).toEqual([{ cidrs: ['10.0.0.0/20'] }]);
  });

  test('does not guess where the load balancer is', () => {
    const { traffic } = make({ provider: { type: 'aws-alb', tls: 'discover' } });
    expect(() => traffic.clients).toThrow(/keep the load balancer out/);
  });

  test('routes each public path of each host', () => {
    const { find } = make({ provider, hosts: [host, 'api.example.com'] });
    const backend = { service: { name: 'chat', port: { number: 8080 } } };
    expect(find('Ingress').spec).toMatchObject({
      ingressClassName: 'alb',
      rules: [
        {
          host,
          http: { paths: expect.arrayContaining([{ path: '/v1', pathType: 'Prefix', backend }]) },
        },
        {
          host: 'api.example.com',
          http: { paths: expect.arrayContaining([{ path: '/ws/chat', pathType: 'Exact', backend }]) },
        },
      ],
    });
  });

  test('finds certificates by host, and does without inside', () => {
    const found = annotationsOf({ type: 'aws-alb', tls: 'discover' });
    expect(found['alb.ingress.kubernetes.io/ssl-redirect']).toBe('443');
    expect(found).not.toHaveProperty('alb.ingress.kubernetes.io/certificate-arn');
    const inside = annotationsOf({ type: 'aws-alb', scheme: 'internal' });
    expect(inside['alb.ingress.kubernetes.io/listen-ports']).toBe('[{"HTTP":80}]');
    expect(inside).not.toHaveProperty('alb.ingress.kubernetes.io/ssl-redirect');
  });
});

describe('gke', () => {
  test('sets timeout, affinity, draining and health on the Service', () => {
    const { find, traffic } = make({ provider: { type: 'gke', tls } });
    const targetRef = { group: '', kind: 'Service', name: 'chat' };
    expect(find('GCPBackendPolicy').spec).toEqual({
      default: {
        timeoutSec: 3600,
        connectionDraining: { drainingTimeoutSec: 30 },
        sessionAffinity: { type: 'GENERATED_COOKIE', cookieTtlSec: 3600 },
      },
      targetRef,
    });
    expect(find('HealthCheckPolicy')).toMatchObject({
      apiVersion: 'networking.gke.io/v1',
      spec: {
        default: {
          config: {
            type: 'HTTP',
            httpHealthCheck: { portSpecification: 'USE_SERVING_PORT', requestPath: PATHS.ready },
          },
        },
        targetRef,
      },
    });
    expect(find('HTTPRoute').spec).not.toHaveProperty('rules[0].timeouts');
    expect(traffic.clients).toEqual([{ cidrs: ['130.211.0.0/22', '35.191.0.0/16'] }]);
  });

  test('warns where requests come from a subnet that nobody named', () => {
    const internal = { type: 'gke', tls, className: 'gke-l7-rilb' } as const;
    expect(make({ provider: internal }).traffic.warnings).toEqual([expect.stringContaining('proxy-only')]);
    const named = { ...internal, loadBalancerCidrs: ['10.129.0.0/23'] };
    expect(make({ provider: named }).traffic.warnings).toEqual([]);
  });

  test('takes its certificates from a map', () => {
    const { find } = make({ provider: { type: 'gke', tls: { certificateMap: 'chat-map' } } });
    expect(find('Gateway').metadata).toMatchObject({
      annotations: { 'networking.gke.io/certmap': 'chat-map' },
    });
    const { listeners } = find('Gateway').spec as { listeners: unknown[] };
    expect(listeners[1]).toMatchObject({ name: 'https', protocol: 'HTTPS' });
    expect(listeners[1]).not.toHaveProperty('tls');
  });
});

describe('azure-agc', () => {
  const applicationLoadBalancer = { name: 'llm', namespace: 'azure-alb' };

  test('binds the Gateway, and sets timeout, affinity and health', () => {
    const { find, traffic } = make({ provider: { type: 'azure-agc', tls, applicationLoadBalancer } });
    expect(find('Gateway')).toMatchObject({
      metadata: {
        annotations: {
          'alb.networking.azure.io/alb-namespace': 'azure-alb',
          'alb.networking.azure.io/alb-name': 'llm',
        },
      },
      spec: { gatewayClassName: 'azure-alb-external' },
    });
    expect(find('RoutePolicy').spec).toEqual({
      targetRef: { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'chat' },
      default: {
        timeouts: { routeTimeout: '3600s' },
        sessionAffinity: {
          affinityType: 'application-cookie',
          cookieName: 'polypod-session',
          cookieDuration: '3600s',
        },
      },
    });
    expect(find('HealthCheckPolicy')).toMatchObject({
      apiVersion: 'alb.networking.azure.io/v1',
      spec: { default: { port: PORTS.api, http: { path: PATHS.ready } } },
    });
    expect(traffic.warnings).toEqual([]);
  });

  test('warns of a silence that it would cut', () => {
    const { traffic } = make({
      timeouts: { idleSeconds: 301 },
      provider: { type: 'azure-agc', tls, applicationLoadBalancer },
    });
    expect(traffic.warnings).toEqual([expect.stringContaining('300 s of silence')]);
  });

  test('takes a resource of Azure with its frontend', () => {
    const { find } = make({
      provider: {
        type: 'azure-agc',
        tls,
        applicationLoadBalancer: { resourceId: '/subscriptions/x', frontend: 'f' },
      },
    });
    expect(find('Gateway')).toMatchObject({
      metadata: { annotations: { 'alb.networking.azure.io/alb-id': '/subscriptions/x' } },
      spec: { addresses: [{ type: 'alb.networking.azure.io/alb-frontend', value: 'f' }] },
    });
  });
});

describe('nginx-ingress', () => {
  test('warns with the date, and carries the reason to the check', () => {
    const { traffic } = make({ provider: { type: 'nginx-ingress', tls } });
    expect(traffic.warnings).toEqual([expect.stringContaining('March 2026')]);
    const annotations = annotationsOf({ type: 'nginx-ingress', tls, reason: 'moves in Q1' });
    expect(annotations).toMatchObject({
      'allow.polypod.dev/lifecycle.retired': 'moves in Q1',
      'nginx.ingress.kubernetes.io/affinity': 'cookie',
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600',
      'nginx.ingress.kubernetes.io/proxy-buffering': 'off',
    });
  });

  test('hashes a header', () => {
    const annotations = annotationsOf(
      { type: 'nginx-ingress', tls },
      { affinity: { by: 'header', name: 'X-User-Id' } },
    );
    expect(annotations['nginx.ingress.kubernetes.io/upstream-hash-by']).toBe('$http_x_user_id');
    expect(annotations).not.toHaveProperty('nginx.ingress.kubernetes.io/affinity');
  });
});

test('a patch reaches its object, and one for an object that the provider has not is refused', () => {
  const { find } = make({ overrides: { gateway: { spec: { infrastructure: { labels: { team: 'ml' } } } } } });
  expect(find('Gateway').spec).toMatchObject({ infrastructure: { labels: { team: 'ml' } } });
  expect(problemsOf({ overrides: { ingress: { spec: { ingressClassName: 'x' } } } })).toMatchObject([
    { path: 'overrides.ingress' },
  ]);
});

test('placeholders are taken as they are', () => {
  const certificate = placeholderText(1);
  const provider: TrafficProvider = { type: 'aws-alb', tls: { certificateArns: [certificate] } };
  expect(annotationsOf(provider, { hosts: [placeholderText(2)] })).toMatchObject({
    'alb.ingress.kubernetes.io/certificate-arn': certificate,
  });
});

const agc = { name: 'llm', namespace: 'azure-alb' };
test.each<[string, Partial<TrafficProps>, string, string]>([
  ['a public host without TLS', { provider: { type: 'gateway-api' } }, 'provider.tls', host],
  ['a public host without TLS on ALB', { provider: { type: 'aws-alb' } }, 'provider.tls', 'is missing'],
  [
    'no TLS without a reason',
    { provider: { type: 'gateway-api', tls: { unencrypted: '' } } },
    'provider.tls.unencrypted',
    'no reason',
  ],
  [
    'a certificate for a Gateway that has its own',
    { provider: { type: 'gateway-api', tls, gateway: { name: 'public' } } },
    'provider.tls',
    'no effect',
  ],
  [
    'two issuers',
    { provider: { type: 'gateway-api', tls: { ...tls, issuer: 'a', clusterIssuer: 'b' } } },
    'provider.tls.issuer',
    'beside',
  ],
  [
    'a certificate that is no ARN',
    { provider: { type: 'aws-alb', tls: { certificateArns: ['chat'] } } },
    'provider.tls.certificateArns[0]',
    'not the ARN',
  ],
  ['no host', { hosts: [] }, 'hosts', 'every name'],
  ['a URL as host', { hosts: ['https://chat.example.com/x'] }, 'hosts[0]', 'is a URL'],
  ['an address as host', { hosts: ['10.0.0.1'] }, 'hosts[0]', 'is an address'],
  ['a host twice', { hosts: [host, host] }, 'hosts[1]', 'twice'],
  ['no path', { paths: [] }, 'paths', 'opens nothing'],
  ['a pattern as path', { paths: [{ type: 'PathPrefix', path: '/v1/*' }] }, 'paths[0].path', 'is not a path'],
  ['a relative path', { paths: [{ type: 'Exact', path: 'v1' }] }, 'paths[0].path', 'is not a path'],
  ['metrics', { paths: [{ type: 'Exact', path: '/metrics' }] }, 'paths[0].path', 'metrics'],
  ['a port that is none', { backend: { service: 'chat', port: 0 } }, 'backend.port', 'is no port'],
  [
    'silence beyond what ALB can',
    { provider: { type: 'aws-alb', tls: 'discover' }, timeouts: { idleSeconds: 4001 } },
    'timeouts.idleSeconds',
    'aws-alb',
  ],
  [
    'no limit on GKE',
    { provider: { type: 'gke', tls }, timeouts: { requestSeconds: 0 } },
    'timeouts.requestSeconds',
    'gke',
  ],
  ['half a second', { timeouts: { idleSeconds: 0.5 } }, 'timeouts.idleSeconds', 'gateway-api'],
  [
    'a header on ALB',
    { provider: { type: 'aws-alb', tls: 'discover' }, affinity: { by: 'header' } },
    'affinity.by',
    'aws-alb',
  ],
  [
    'affinity that another implementation lacks',
    { provider: { type: 'gateway-api', tls, implementation: 'other' } },
    'affinity.by',
    'stable part',
  ],
  ['a cookie with a space', { affinity: { by: 'cookie', name: 'my cookie' } }, 'affinity.name', 'cookie'],
  [
    'a Gateway without a load balancer',
    { provider: { type: 'azure-agc', tls } },
    'provider.applicationLoadBalancer',
    'missing',
  ],
  [
    'a block with host bits',
    {
      provider: { type: 'azure-agc', tls, applicationLoadBalancer: agc, loadBalancerCidrs: ['10.0.0.1/24'] },
    },
    'provider.loadBalancerCidrs[0]',
    'beyond its mask',
  ],
])('refuses %s', (_, props, path, reason) => {
  expect(problemsOf(props)).toMatchObject([{ path, reason: expect.stringContaining(reason) }]);
});
