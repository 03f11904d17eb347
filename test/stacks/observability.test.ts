import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { load } from 'js-yaml';
import { type TopologyInput, validateTopology } from '../../stacks/topology';
import { KIND_NAMES } from '../../stacks/topology/kinds';
import { topologyChart } from '../../stacks/topology-chart';
import { expressionFaults, ruleFaults } from '../support/promtool';
import { manifestsOf, strictFaults } from '../support/strict-validation';

const EXAMPLES = 'examples/topologies';

const backing = {
  image: 'ghcr.io/acme/site:1.0.0',
  storage: { kind: 'existing-class', name: 'cephfs' },
  cache: 'local',
  database: 'local',
} as const;

const CHAT: TopologyInput = {
  kind: 'Inference',
  name: 'chat',
  models: [{ name: 'demo', source: 'demo:', size: '1Mi' }],
  replicas: { min: 3, max: 10 },
  autoscaling: { signal: 'queue', prometheusAddress: 'http://prometheus.monitoring.svc:9090' },
  observability: {
    labels: { release: 'stack' },
    firstToken: '5s',
    betweenTokens: '100ms',
    scrapeInterval: '15s',
    runbooks: 'https://wiki.acme.dev/polypod',
  },
  backing,
};
const SPLIT: TopologyInput = {
  kind: 'Inference',
  name: 'split',
  models: [{ name: 'demo', source: 'demo:', size: '1Mi' }],
  roles: { gateway: {}, worker: { replicas: 3 }, controller: {} },
  observability: {},
  backing,
};
const MEMOS: TopologyInput = { kind: 'Memos', name: 'memos', observability: {}, backing };
const { cache: _none, ...withoutCache } = backing;
const ANYTHING: TopologyInput = {
  kind: 'AnythingLLM',
  name: 'anything',
  llm: { runtime: { name: 'chat' }, model: 'demo' },
  observability: {},
  backing: withoutCache,
};
const SYSTEMS = [CHAT, SPLIT, MEMOS, ANYTHING];

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook_url: string };
}
interface Panel {
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}

function laid(system: TopologyInput) {
  const chart = topologyChart(new App(), 'site', validateTopology(system, 'test'));
  const manifests = manifestsOf(chart);
  const groups = manifests
    .filter(({ kind }) => kind === 'PrometheusRule')
    .flatMap(({ spec }) => (spec as { groups: { rules: Rule[] }[] }).groups);
  const rules = groups.flatMap((group) => group.rules);
  const panels = manifests
    .filter(({ metadata }) => metadata?.name === `${system.name}-dashboard`)
    .flatMap(({ data }) => Object.values(data as Record<string, string>))
    .flatMap((text): Panel[] => JSON.parse(text).panels);
  return { chart, manifests, groups, rules, panels };
}

const chat = laid(CHAT);
const split = laid(SPLIT);
const memos = laid(MEMOS);
const systems = [chat, split, memos, laid(ANYTHING)];

test('rules and dashboard of every kind: valid, and without a finding', () => {
  for (const { chart, groups } of systems) {
    expect(chart.check().findings).toEqual([]);
    expect(ruleFaults(groups)).toBe('');
  }
  expect(strictFaults(systems.flatMap(({ manifests }) => manifests))).toEqual([]);
});

test('what panels ask is PromQL', () => {
  const queries = systems
    .flatMap(({ panels }) => panels)
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')));
  expect(queries.length).toBeGreaterThan(100);
  expect(expressionFaults(queries)).toBe('');
  expect(expressionFaults(['sum(up'])).not.toBe('');
});

test('nodes of all roles are scraped by one monitor, through the Services of their metrics', () => {
  const monitors = split.manifests.filter(({ kind }) => kind === 'ServiceMonitor');
  expect(monitors).toHaveLength(1);
  const spec = monitors[0]?.spec as { selector: { matchLabels: Record<string, string> } };
  const scraped = split.manifests.filter(({ kind, spec: service, metadata }) => {
    const { labels = {} } = metadata as { labels?: Record<string, string> };
    const { ports = [] } = (service ?? {}) as { ports?: { name: string }[] };
    return (
      kind === 'Service' &&
      ports.some(({ name }) => name === 'metrics') &&
      Object.entries(spec.selector.matchLabels).every(([key, value]) => labels[key] === value)
    );
  });
  expect(scraped.map(({ metadata }) => metadata?.name)).toEqual([
    'split-worker-metrics',
    'split-gateway-metrics',
    'split-controller-metrics',
  ]);
});

test('what the topology says is what is watched', () => {
  const rule = (name: string) => chat.rules.find(({ alert }) => alert === name)?.expr;
  expect(rule('PolypodClusterSmall')).toMatch(/namespace="chat",job="chat",.* < 3$/);
  expect(rule('PolypodFirstTokenSlow')).toMatch(/ > 5$/);
  expect(rule('PolypodTokensSlow')).toMatch(/ > 0.1$/);
  const monitor = chat.manifests.find(({ kind }) => kind === 'ServiceMonitor');
  expect(monitor).toMatchObject({
    metadata: { labels: { release: 'stack', 'app.kubernetes.io/instance': 'chat' } },
    spec: { endpoints: [{ interval: '15s' }] },
  });
  expect(chat.rules[0]?.annotations.runbook_url).toMatch(/^https:\/\/wiki.acme.dev\/polypod\/operations.md#/);
});

test("an empty answer to the autoscaler's own query is an alert", () => {
  const object = chat.manifests.find(({ kind }) => kind === 'ScaledObject');
  const blind = chat.rules.find(({ alert }) => alert === 'PolypodAutoscalerBlind');
  const query = blind?.expr.replace(/^absent\((.*)\)$/, '$1');
  expect(object?.spec).toMatchObject({ triggers: [{ metadata: { query } }] });
});

test('a program that is not the runtime is watched by what the cluster tells of it', () => {
  expect(memos.manifests.map(({ kind }) => kind)).not.toContain('ServiceMonitor');
  const names = memos.rules.map(({ alert }) => alert);
  expect(names).toContain('PolypodTooFewPods');
  expect(names).not.toContain('PolypodNodeDown');
});

test.each(KIND_NAMES)('%s is watched where its topology asks for it', (kind) => {
  const [file] = readdirSync(EXAMPLES)
    .map((name) => readFileSync(join(EXAMPLES, name), 'utf8'))
    .filter((text) => new RegExp(`^kind: ${kind}$`, 'm').test(text));
  const { observability: _off, ...system } = load(file ?? '') as TopologyInput;
  const { rules, panels } = laid({ ...system, observability: {} });
  expect(rules.map(({ alert }) => alert)).toContain('PolypodTooFewPods');
  expect(panels.length).toBeGreaterThan(3);
});

test('nothing of it is there unless it is asked for', () => {
  for (const system of SYSTEMS) {
    const { observability: _asked, ...plain } = system;
    const kinds = laid(plain).manifests.map(({ kind, metadata }) => `${kind}/${metadata?.name}`);
    expect(kinds.filter((name) => /Monitor|Rule|dashboard/.test(name))).toEqual([]);
  }
});

test('what can not work is refused', () => {
  const refused = (observability: object) => {
    return () => validateTopology({ ...CHAT, observability } as TopologyInput, 'test');
  };
  expect(refused({ scrapeInterval: '1s' })).toThrow(/scrapeInterval/);
  expect(refused({ runbooks: 'wiki/polypod' })).toThrow(/runbooks/);
  expect(refused({ firstToken: '0s' })).toThrow(/firstToken/);
  expect(refused({ release: 'stack' })).toThrow(/release/);
  const memosWithTokens = { kind: 'Memos', name: 'memos', backing, observability: { firstToken: '5s' } };
  expect(() => validateTopology(memosWithTokens as TopologyInput, 'test')).toThrow(/firstToken/);
});
