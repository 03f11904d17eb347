import type { Connection } from '../../constructs/kubernetes';
import { PORTS } from '../../runtime/contract.cjs';
import type { Api } from '../topology/schema/api';

/** Base URL of an API, with `/v1`. */
export function apiUrl({ runtime, url }: Pick<Api, 'runtime' | 'url'>): string {
  if (runtime === undefined) return url ?? '';
  const { name, namespace = name } = runtime;
  return `http://${name}.${namespace}.svc.cluster.local:${PORTS.api}/v1`;
}

/** The way from a workload to an API. */
export function apiConnection(
  from: string,
  { runtime, url = '', cidrs = [], port }: Api,
  why: string,
): Connection {
  if (runtime) {
    const { name, namespace = name } = runtime;
    const podLabels = { 'app.kubernetes.io/name': 'polypod-runtime', 'app.kubernetes.io/instance': name };
    return { from, to: { namespace, podLabels }, ports: [PORTS.api], why };
  }
  const { port: written, protocol } = new URL(url);
  return { from, to: { cidrs }, ports: [port ?? Number(written || (protocol === 'https:' ? 443 : 80))], why };
}
