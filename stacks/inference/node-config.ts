import { servesClients } from '../../constructs/kubernetes/inference/node';
import type { Role } from '../../runtime/contract.cjs';
import type { InferenceSettings } from '../topology';
import { accessMode } from '../topology/access-mode';
import { accessConfig, proxyConfig } from './access';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a topology says in the runtime's configuration file, beside models and connections. Who comes in is the matter of
 * those that serve clients: the others know no provider and no secret, and need no way to them.
 */
export function nodeConfig(settings: InferenceSettings, role: Role): Fields {
  const { websocket, ...rest } = settings.runtime;
  if (!servesClients(role)) {
    const mode = accessMode(settings.security.access);
    return { ...withoutUnits(rest), ...(mode && { access: { mode } }) };
  }
  const access = accessConfig(settings);
  const http = proxyConfig(settings);
  return { ...withoutUnits({ websocket, ...rest }), ...(access && { access }), ...(http && { http }) };
}

/** The runtime's names carry the units: `heartbeat: 12s` is `heartbeatSeconds: 12`. */
function withoutUnits(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      if (value === undefined) return [];
      if (!isMap(value)) return [[name, value]];
      return 'seconds' in value ? [[`${name}Seconds`, value.seconds]] : [[name, withoutUnits(value)]];
    }),
  );
}

const isMap = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
