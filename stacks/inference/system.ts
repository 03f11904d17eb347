import { PORTS } from '../../runtime/contract.cjs';
import type { System } from '../system/system';
import { baseUrl, commandFor } from '../system/traffic';
import { INFERENCE_CACHE } from '../topology/checks';
import { resolveInference } from '../topology/resolve/inference';
import type { InferenceSettings } from '../topology/settings';
import type { InferenceTopology } from '../topology/topology';
import { InferenceChart } from './inference-chart';
import { InferenceStack } from './inference-stack';

export const system: System<InferenceTopology, InferenceSettings> = {
  resolve: resolveInference,
  chart: (scope, id, topology) => new InferenceChart(scope, id, topology),
  stack: (scope, props) => new InferenceStack(scope, 'inference', props),
  ownSecrets: ({ security: { clusterSecret } }) => [
    { name: clusterSecret.secretName, random: [clusterSecret.key], fixed: {} },
  ],
  givenSecrets: ({ security: { huggingFaceToken } }) =>
    new Map(huggingFaceToken && [[huggingFaceToken.secretName, 'token of Hugging Face']]),
  endpoint: (settings) => `${baseUrl(settings, PORTS.api)}/v1`,
  commandToTry: (settings) => commandFor(settings, PORTS.api, (url) => request(settings, `${url}/v1`)),
  cache: INFERENCE_CACHE,
};

function request({ models }: InferenceSettings, base: string): string {
  const model = models.find(({ purpose }) => purpose === 'chat') ?? models[0];
  const [path, body] =
    model?.purpose === 'embedding'
      ? ['embeddings', { input: 'Hello' }]
      : ['chat/completions', { messages: [{ role: 'user', content: 'Hello' }] }];
  return `curl -sS ${base}/${path} -H 'Content-Type: application/json' -d '${JSON.stringify({ model: model?.name, ...body })}'`;
}
