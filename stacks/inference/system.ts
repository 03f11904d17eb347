import { PORTS } from '../../runtime/contract.cjs';
import type { System } from '../system/system';
import { baseUrl, commandFor } from '../system/traffic';
import { accessMode } from '../topology/access-mode';
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
  ownSecrets: ({ security: { clusterSecret, access } }) => {
    const password = access?.admin?.password;
    const own = [clusterSecret, ...(password ? [password] : [])];
    const names = new Set(own.map(({ secretName }) => secretName));
    return [...names].map((name) => {
      const random = own.flatMap(({ secretName, key }) => (secretName === name ? [key] : []));
      return { name, random, fixed: {} };
    });
  },
  givenSecrets: ({ security: { huggingFaceToken, trustedCa, access } }) => {
    const given = new Map<string, string>();
    const { oidc, jwt } = access ?? {};
    if (huggingFaceToken) given.set(huggingFaceToken.secretName, 'token of Hugging Face');
    if (trustedCa && 'secretName' in trustedCa) given.set(trustedCa.secretName, 'certificate authorities');
    if (oidc?.clientSecret) given.set(oidc.clientSecret.secretName, 'client secret of the OpenID provider');
    if (jwt && 'secret' in jwt) given.set(jwt.secret.secretName, 'secret that tokens are signed with');
    return given;
  },
  endpoint: (settings) => `${baseUrl(settings, PORTS.api)}/v1`,
  commandToTry: (settings) => commandFor(settings, PORTS.api, (url) => request(settings, `${url}/v1`)),
  cache: INFERENCE_CACHE,
};

function request(settings: InferenceSettings, base: string): string {
  const { models, name, namespace } = settings;
  const model = models.find(({ purpose }) => purpose === 'chat') ?? models[0];
  const [path, body] =
    model?.purpose === 'embedding'
      ? ['embeddings', { input: 'Hello' }]
      : ['chat/completions', { messages: [{ role: 'user', content: 'Hello' }] }];
  const key = `$(kubectl -n ${namespace} exec service/${name} -c runtime -- polypod-runtime keys create try --days 1)`;
  const login =
    accessMode(settings.security.access) === 'required' ? ` -H "Authorization: Bearer ${key}"` : '';
  return `curl -sS ${base}/${path}${login} -H 'Content-Type: application/json' -d '${JSON.stringify({ model: model?.name, ...body })}'`;
}
