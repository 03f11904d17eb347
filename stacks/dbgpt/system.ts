import type { System } from '../system/system';
import { baseUrl, commandFor } from '../system/traffic';
import { PORTS } from './config';
import { DbgptChart } from './dbgpt-chart';
import { DbgptStack, webServer } from './dbgpt-stack';
import type { DbgptTopology } from './schema';
import { type DbgptSettings, resolveDbgpt } from './settings';

export const system: System<DbgptTopology, DbgptSettings> = {
  resolve: resolveDbgpt,
  chart: (scope, id, topology) => new DbgptChart(scope, id, topology),
  stack: (scope, props) => new DbgptStack(scope, 'dbgpt', props),
  ownSecrets: ({ encryptKey }) => [{ name: encryptKey.secretName, random: [encryptKey.key], fixed: {} }],
  givenSecrets: ({ llm, embedding }) =>
    new Map(
      [llm, embedding].flatMap((model) =>
        model.kind === 'proxy' && model.apiKey
          ? [[model.apiKey.secretName, 'key of the API that serves models']]
          : [],
      ),
    ),
  endpoint: (settings) => baseUrl(settings, PORTS.web, webServer(settings.name)),
  // Which models there are, as the web server learns it from a controller.
  commandToTry: (settings) =>
    commandFor(settings, PORTS.web, (url) => `curl -sS ${url}/api/v1/model/types`, webServer(settings.name)),
};
