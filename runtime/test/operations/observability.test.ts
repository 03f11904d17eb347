import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load-config.js';
import { startTestNode } from '../support/node.js';

const COMPOSE = fileURLToPath(new URL('../../../../examples/compose/', import.meta.url));
const text = (path: string) => readFile(`${COMPOSE}${path}`, 'utf8');

it('shows every metric that alerts and dashboards name', async () => {
  const rules: { groups: { rules: { expr: string }[] }[] } = parse(await text('prometheus/rules.yaml'));
  const dashboard: { panels: { targets?: { expr: string }[] }[] } = JSON.parse(
    await text('grafana/dashboards/polypod.json'),
  );
  const queries = [
    ...rules.groups.flatMap((group) => group.rules),
    ...dashboard.panels.flatMap(({ targets = [] }) => targets),
  ].map(({ expr }) => expr);
  const named = new Set(queries.join(' ').match(/\b(polypod|process|nodejs)_[a-z0-9_]+/g));
  assert.ok(named.size > 40, `only ${named.size} metrics are named`);

  const node = await startTestNode();
  try {
    const scrape = await (await fetch(node.node.metricsUrl)).text();
    const shown = new Set<string>();
    for (const [, name = '', type] of scrape.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
      shown.add(name);
      if (type === 'histogram') for (const part of ['bucket', 'count', 'sum']) shown.add(`${name}_${part}`);
    }
    assert.deepEqual(
      [...named].filter((name) => !shown.has(name)),
      [],
    );
    // With the labels that they compare.
    assert.match(scrape, /^polypod_event_loop_delay_seconds\{quantile="0\.99"\} \d/m);
    assert.match(scrape, /^polypod_sequences\{model="demo"\} \d/m);
  } finally {
    await node.stop();
  }
});

it('reads the configuration of examples/compose, file and environment', async () => {
  const { services }: { services: Record<string, { environment?: NodeJS.ProcessEnv }> } = parse(
    await text('compose.yaml'),
    { merge: true },
  );
  for (const name of ['node-1', 'node-2', 'node-3']) {
    const environment = services[name]?.environment ?? {};
    const config = await loadConfig({ path: `${COMPOSE}config.yaml`, required: true }, environment);
    assert.equal(config.nodeId, name);
    assert.deepEqual([config.redis?.host, config.database?.host], ['redis', 'postgres']);
    assert.equal(config.cluster.secretFile, '/run/secrets/cluster-secret');
    assert.equal(config.access.firstAdmin?.passwordFile, '/run/secrets/admin-password');
  }
});
