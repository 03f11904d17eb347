import { pictureOf } from '../../../constructs/graph';
import { objectsOf } from '../../support/objects';

const workload = (name: string, pod: object = {}, spec: object = {}, kind = 'Deployment') => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name },
  spec: {
    ...spec,
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          { name: 'a', image: `acme/${name}:1`, ports: [{ name: 'api', containerPort: 8080 }], ...pod },
        ],
      },
    },
  },
});
const service = (name: string, port = 8080, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port }], ...more },
});
const policy = (name: string, rules: { ingress?: object[]; egress?: object[] }) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: {
    podSelector: { matchLabels: { app: name } },
    policyTypes: [...(rules.ingress ? ['Ingress'] : []), ...(rules.egress ? ['Egress'] : [])],
    ...rules,
  },
});
const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
const namespace = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});
const port = (...numbers: (number | string)[]) => ({ ports: numbers.map((one) => ({ port: one })) });
const env = (values: Record<string, string>) => ({
  env: Object.entries(values).map(([name, value]) => ({ name, value })),
});

function drawn(...objects: object[]) {
  const picture = pictureOf(objectsOf(objects.map((one) => JSON.stringify(one)).join('\n---\n')), 'test');
  const short = (id: string) => id.replace(/^default\/(?:[A-Za-z]+\/)?/, '');
  return {
    ...picture,
    ways: picture.arrows.map(({ from, to, style, label, isMutual }) =>
      `${short(from)} ${isMutual ? '↔' : '→'} ${short(to)} ${style} ${label}`.trim(),
    ),
    box: (name: string) => picture.boxes.find((one) => one.name === name),
  };
}

describe('what workloads say to each other', () => {
  const caller = workload('web', env({ API_URL: 'http://api:8080' }));
  const callee = [workload('api'), service('api')];

  test('is open where no policy limits it', () => {
    const { ways, box } = drawn(caller, ...callee);
    expect(ways).toEqual(['web → api open 8080']);
    expect(box('api')).toMatchObject({ isolation: { ingress: false, egress: false } });
  });

  test('is allowed where both sides let it through', () => {
    const { ways } = drawn(
      caller,
      ...callee,
      policy('web', { egress: [{ to: [pods('api')], ...port(8080) }] }),
      policy('api', { ingress: [{ from: [pods('web')], ...port('api') }] }),
    );
    expect(ways).toEqual(['web → api allowed 8080']);
  });

  test.each([
    ['the sender', policy('web', { egress: [] })],
    ['the receiver', policy('api', { ingress: [] })],
    ['the receiver, on this port', policy('api', { ingress: [{ from: [pods('web')], ...port(9000) }] })],
  ])('is blocked where %s keeps it closed', (_side, closing) => {
    expect(drawn(caller, ...callee, closing).ways).toContain('web → api blocked 8080');
  });

  test('is allowed where the receiver takes anyone, or any pod of its namespace, which its box says', () => {
    for (const from of [undefined, [{ podSelector: {} }]]) {
      const { ways, box } = drawn(
        caller,
        ...callee,
        policy('api', { ingress: [{ ...(from && { from }), ...port(8080, 8443) }] }),
      );
      expect(ways).toEqual(['web → api allowed 8080']);
      expect(box('api')?.facts).toContain(
        from ? 'from any pod of its namespace: 8080, 8443' : 'from anyone: 8080, 8443',
      );
    }
  });

  test('is one arrow with two heads where both may begin', () => {
    const both = (own: string, other: string) =>
      policy(own, {
        ingress: [{ from: [pods(other)], ...port(4001) }],
        egress: [{ to: [pods(other)], ...port(4001) }],
      });
    expect(drawn(workload('a'), workload('b'), both('a', 'b'), both('b', 'a')).ways).toEqual([
      'a ↔ b allowed 4001',
    ]);
  });

  test('among their own pods stands in their box', () => {
    const own = policy('a', {
      ingress: [{ from: [pods('a')], ...port(4001) }],
      egress: [{ to: [pods('a')], ...port(4001) }],
    });
    const { ways, box } = drawn(workload('a'), own);
    expect(ways).toEqual([]);
    expect(box('a')?.facts).toContain('among its own pods: 4001');
  });
});

describe('isolation', () => {
  test('a policy that opens everything again closes nothing', () => {
    const { box } = drawn(workload('a'), policy('a', { ingress: [{ ...port(80) }], egress: [{}] }));
    expect(box('a')).toMatchObject({ isolation: { ingress: true, egress: false } });
  });

  test('the way to DNS is no arrow', () => {
    const dns = { to: [namespace('kube-system')], ports: [{ port: 53, protocol: 'UDP' }] };
    expect(drawn(workload('a'), policy('a', { egress: [dns] })).ways).toEqual([]);
  });

  test('namespaces and addresses outside of the input are boxes of their own', () => {
    const { ways, box } = drawn(
      workload('a'),
      policy('a', {
        ingress: [{ from: [namespace('monitoring')], ...port(9090) }],
        egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }], ...port(443) }],
      }),
    );
    expect(ways).toEqual([
      'elsewhere monitoring → a allowed 9090',
      expect.stringMatching(/^a → addresses .* allowed 443$/),
    ]);
    expect(box('Internet')?.facts).toEqual(['but no private addresses']);
  });
});

describe('ways in', () => {
  const ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'public' },
    spec: {
      tls: [{ hosts: ['chat.acme.dev'] }],
      rules: [
        {
          host: 'chat.acme.dev',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 'api', port: { number: 80 } } } },
            ],
          },
        },
      ],
    },
  };
  const api = [workload('api'), service('api', 80, { ports: [{ port: 80, targetPort: 'api' }] })];

  test('lead from clients to pods, on the ports of the pods', () => {
    const { ways, box } = drawn(ingress, ...api);
    expect(ways).toEqual(['clients → public traffic 443', 'public → api traffic 8080']);
    expect(box('public')?.facts).toEqual(['chat.acme.dev']);
  });

  test('say through which namespace they come, instead of one more arrow', () => {
    const { ways, box } = drawn(
      ingress,
      ...api,
      policy('api', { ingress: [{ from: [namespace('gateways')], ...port('api') }] }),
    );
    expect(ways).toEqual(['clients → public traffic 443', 'public → api traffic 8080']);
    expect(box('public')?.facts).toContain('through gateways');
  });

  test('are blocked where policies let nobody of them in', () => {
    const closed = policy('api', { ingress: [{ from: [pods('other')], ...port(8080) }] });
    expect(drawn(ingress, ...api, workload('other'), closed).ways).toContain('public → api blocked 8080');
  });

  test('a load balancer is one', () => {
    const { ways } = drawn(
      workload('api'),
      service('api', 443, { type: 'LoadBalancer', ports: [{ port: 443, targetPort: 8080 }] }),
    );
    expect(ways).toEqual(['clients → api traffic 443', 'api → api traffic 8080']);
  });
});

describe('databases and storage', () => {
  test('a managed database takes the place of the addresses that a policy opens for it', () => {
    const { ways, box } = drawn(
      workload('a', env({ PGHOST: 'db.example.rds.amazonaws.com', PGPORT: '5432' })),
      policy('a', { egress: [{ to: [{ ipBlock: { cidr: '10.0.64.0/20' } }], ...port(5432) }] }),
    );
    expect(ways).toEqual(['a → server db.example.rds.amazonaws.com:5432 allowed 5432']);
    expect(box('PostgreSQL')).toMatchObject({ what: 'database', facts: ['db.example.rds.amazonaws.com'] });
  });

  test('one that no policy opens is blocked', () => {
    const { ways } = drawn(
      workload('a', env({ REDIS_URL: 'rediss://cache.example.com:6380' })),
      policy('a', { egress: [] }),
    );
    expect(ways).toEqual(['a → server cache.example.com:6380 blocked 6380']);
  });

  test('a shared volume is a box, the disks of each pod a line', () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'models' },
      spec: {
        accessModes: ['ReadWriteMany'],
        storageClassName: 'efs',
        resources: { requests: { storage: '20Gi' } },
      },
    };
    const mounting = workload('a', { volumeMounts: [{ name: 'models', mountPath: '/models' }] });
    Object.assign(mounting.spec.template.spec, {
      volumes: [{ name: 'models', persistentVolumeClaim: { claimName: 'models' } }],
    });
    const disks = workload(
      'db',
      {},
      {
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '50Gi' } } },
          },
        ],
      },
      'StatefulSet',
    );
    const { ways, box } = drawn(claim, mounting, disks);
    expect(ways).toEqual(['a → models mount /models']);
    expect(box('models')).toMatchObject({ isShared: true, facts: ['20 GiB · ReadWriteMany', 'class efs'] });
    expect(box('db')?.facts).toContain('a disk of 50 GiB for each pod');
  });
});

test('an autoscaler gives the range of pods, and what it follows', () => {
  const hpa = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'a' },
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'a' },
      minReplicas: 3,
      maxReplicas: 8,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
        },
      ],
    },
  };
  expect(drawn(workload('a'), hpa).box('a')).toMatchObject({
    pods: { min: 3, max: 8 },
    chips: ['HPA cpu 70 %'],
  });
});

test('the description says the same in words', () => {
  const { description } = drawn(
    workload('web', env({ API_URL: 'http://api:8080' })),
    workload('api'),
    service('api'),
  );
  expect(description).toBe('Deployment web, 1 pod; Deployment api, 1 pod; web connects to api (8080).');
});
