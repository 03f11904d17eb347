/**
 * What the bridge costs: 1,000 objects through cdk8s and the bridge, beside the same 1,000 resources registered
 * plainly with @pulumi/kubernetes, both on Pulumi's mocked engine in one process, taking turns.
 */
import { core } from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart } from 'cdk8s';
import { asString, KubernetesChart } from '../constructs/bridge';
import { figure, median, report } from './figures';

const OBJECTS = 1000;
const ROUNDS = 7;
const GOAL_MS = 1;

const names = Array.from({ length: OBJECTS }, (_, index) => `config-${index}`);
const settings = Object.fromEntries(
  Array.from({ length: 20 }, (_, index) => [`SETTING_${index}`, `value ${index}`]),
);

function plain(): void {
  const host = pulumi.output('db.example.com');
  const parent = new pulumi.ComponentResource('bench:index:Plain', 'bench');
  new core.v1.Namespace('bench', { metadata: { name: 'bench' } }, { parent });
  for (const name of names) {
    const data = { ...settings, host, url: pulumi.interpolate`postgres://${host}:5432/db` };
    new core.v1.ConfigMap(name, { metadata: { name, namespace: 'bench' }, data }, { parent });
  }
}

function bridged(): void {
  const host = pulumi.output('db.example.com');
  const chart = new Chart(new App(), 'bench', { namespace: 'bench' });
  new ApiObject(chart, 'namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } });
  for (const name of names) {
    new ApiObject(chart, name, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { ...settings, host, url: `postgres://${asString(host)}:5432/db` },
    });
  }
  new KubernetesChart('bench', { chart, check: false });
}

async function milliseconds(program: () => void): Promise<number> {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: ({ inputs }) => inputs,
  });
  const start = performance.now();
  program();
  await pulumi.runtime.disconnect();
  return performance.now() - start;
}

async function main(): Promise<void> {
  const plainRounds: number[] = [];
  const bridgedRounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const times = [await milliseconds(plain), await milliseconds(bridged)] as const;
    // The first round warms up.
    if (round === 0) continue;
    plainRounds.push(times[0]);
    bridgedRounds.push(times[1]);
  }
  const plainly = median(plainRounds) / OBJECTS;
  const throughBridge = median(bridgedRounds) / OBJECTS;
  report('bridge', [
    figure('a plain resource', plainly, 'ms'),
    figure('an object through the bridge', throughBridge, 'ms'),
    figure('what the bridge adds to an object', throughBridge - plainly, 'ms', GOAL_MS),
  ]);
}

void main();
