import type { System } from '../system/system';
import { baseUrl, commandFor } from '../system/traffic';
import { AnythingLlmChart } from './anything-llm-chart';
import { AnythingLlmStack } from './anything-llm-stack';
import { KEYS, PORT } from './environment';
import type { AnythingLlmTopology } from './schema';
import { type AnythingLlmSettings, resolveAnythingLlm } from './settings';

export const system: System<AnythingLlmTopology, AnythingLlmSettings> = {
  resolve: resolveAnythingLlm,
  chart: (scope, id, topology) => new AnythingLlmChart(scope, id, topology),
  stack: (scope, props) => new AnythingLlmStack(scope, 'anything-llm', props),
  ownSecrets: ({ keys }) => [{ name: keys, random: Object.keys(KEYS), fixed: {} }],
  givenSecrets: ({ llm, embedding }) => {
    const keys = [llm.apiKey, embedding === 'native' ? undefined : embedding.apiKey];
    return new Map(
      keys.flatMap((key) => (key ? [[key.secretName, 'key of the API that serves models']] : [])),
    );
  },
  endpoint: (settings) => baseUrl(settings, PORT),
  commandToTry: (settings) => commandFor(settings, PORT, (url) => `curl -sS ${url}/api/ping`),
};
