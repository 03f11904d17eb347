import { type Output, output, secret } from '@pulumi/pulumi';
import { readManifest } from '../../constructs/bridge/restore';
import type { JsonObject } from '../../constructs/checks';
import { type Backing, InvalidInputError, type Problem } from '../../constructs/contracts';
import { PORTS } from '../../runtime/contract.cjs';
import { trafficProvider } from '../inference/traffic-provider';
import type { InferenceSettings } from '../topology';

/** Base URL of the API: where the hosts lead to, or the Service inside the cluster. */
export function endpointOf({ name, namespace, traffic, allow }: InferenceSettings): string {
  if (traffic.type === 'none') return `http://${name}.${namespace}.svc.cluster.local:${PORTS.api}/v1`;
  const { tls } = trafficProvider(traffic, allow);
  const isPlain = typeof tls === 'object' && 'unencrypted' in tls;
  return `${isPlain ? 'http' : 'https'}://${traffic.hosts[0]?.replace('*', name)}/v1`;
}

/** A command that shows that it works. */
export function commandToTry(settings: InferenceSettings): string {
  const { name, namespace, traffic, models } = settings;
  const model = models.find(({ purpose }) => purpose === 'chat') ?? models[0];
  const [path, body] =
    model?.purpose === 'embedding'
      ? ['embeddings', { input: 'Hello' }]
      : ['chat/completions', { messages: [{ role: 'user', content: 'Hello' }] }];
  const call = (base: string) =>
    `curl -sS ${base}/${path} -H 'Content-Type: application/json' -d '${JSON.stringify({ model: model?.name, ...body })}'`;
  if (traffic.type !== 'none') return call(endpointOf(settings));
  const port = PORTS.api;
  return `kubectl -n ${namespace} port-forward service/${name} ${port}:${port} & sleep 2; ${call(`http://127.0.0.1:${port}/v1`)}`;
}

/** Where cache and database are, and which Secrets of the namespace open them. A secret as a whole. */
export function connectionFacts({ cache, database }: Backing, namespace: string): Output<unknown> {
  const facts: JsonObject = {
    ...(cache && {
      cache: {
        host: cache.host,
        port: cache.port,
        mode: cache.mode ?? 'single',
        tls: cache.tls !== false,
        ...(cache.credentials && { secret: `${namespace}/${cache.credentials.secretName}` }),
      },
    }),
    database: {
      engine: database.engine ?? 'postgresql',
      host: database.host,
      port: database.port,
      database: database.database,
      tls: database.tls === false ? 'off' : database.tls.mode,
      secret: `${namespace}/${database.credentials.secretName}`,
    },
  };
  const problems: Problem[] = [];
  const restore = readManifest(facts, 'connections', problems);
  if (problems.length > 0) throw new InvalidInputError('connections', problems);
  return secret(output(restore()));
}
