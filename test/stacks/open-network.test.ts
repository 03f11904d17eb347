import { readFileSync } from 'node:fs';
import { App } from 'cdk8s';
import { parseTopology } from '../../stacks/topology';
import { topologyChart } from '../../stacks/topology-chart';

describe('a topology that asks for no isolation', () => {
  test.each(['local', 'anything-llm-local', 'memos-local', 'streaming-chat-local'])(
    '%s is not warned of what it asks for',
    (name) => {
      const file = `examples/topologies/${name}.yaml`;
      const text = `${readFileSync(file, 'utf8')}\nnetwork: { isolation: false }\n`;
      const [topology] = parseTopology(text, file);
      if (topology === undefined) throw new Error('no topology');
      const { findings, suppressed } = topologyChart(new App(), name, topology).check();
      expect(findings.filter(({ rule }) => rule === 'network/not-isolated')).toEqual([]);
      expect(suppressed.filter(({ rule }) => rule === 'network/not-isolated').length).toBeGreaterThan(0);
      expect(JSON.stringify(suppressed)).toContain('network.isolation is false');
    },
  );
});
