import type { System } from '../system/system';
import { baseUrl, commandFor } from '../system/traffic';
import { MEMOS_CACHE } from './checks';
import { PORT } from './environment';
import { MemosChart } from './memos-chart';
import { MemosStack } from './memos-stack';
import type { MemosTopology } from './schema';
import { type MemosSettings, resolveMemos } from './settings';

export const system: System<MemosTopology, MemosSettings> = {
  resolve: resolveMemos,
  chart: (scope, id, topology) => new MemosChart(scope, id, topology),
  stack: (scope, props) => new MemosStack(scope, 'memos', props),
  ownSecrets: () => [],
  givenSecrets: () => new Map(),
  endpoint: (settings) => baseUrl(settings, PORT),
  commandToTry: (settings) => commandFor(settings, PORT, (url) => `curl -sS ${url}/healthz`),
  cache: MEMOS_CACHE,
};
