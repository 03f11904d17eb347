import { type AccessSecrets, type Connection, PUBLIC_INTERNET } from '../../constructs/kubernetes';
import { PORTS } from '../../runtime/contract.cjs';
import { baseUrl } from '../system/traffic';
import type { InferenceSettings } from '../topology';

/** Where pods are: which address a proxy's pod has, nobody knows before. */
const PRIVATE = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];
const HTTPS = 443;

/** What the runtime's configuration says of access; its secrets come as files. */
export function accessConfig(settings: InferenceSettings): Readonly<Record<string, unknown>> | undefined {
  const { security, traffic } = settings;
  const { access } = security;
  if (!access) return undefined;
  const { mode, admin, oidc, jwt } = access;
  const publicUrl = access.publicUrl ?? (traffic.type === 'none' ? undefined : baseUrl(settings, PORTS.api));
  return {
    ...(mode && { mode }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(admin && { firstAdmin: { name: admin.name } }),
    ...(oidc && { oidc: without(oidc, 'clientSecret') }),
    ...(jwt && { jwt: without(jwt, 'secret') }),
  };
}

/**
 * Whose word on who calls counts. Only as many proxies as stand there are believed, since a client of a private address
 * could pass for one more. Google's load balancers write their own address behind the client's
 * (https://docs.cloud.google.com/load-balancing/docs/https#x-forwarded-for_header).
 */
export function proxyConfig({ traffic, network }: InferenceSettings) {
  if (traffic.type === 'none') return undefined;
  const proxyHops = traffic.type === 'gke' ? 2 : 1;
  if ('loadBalancerCidrs' in traffic) return { trustedProxies: traffic.loadBalancerCidrs, proxyHops };
  // Where anything of the cluster may call, anything could say so.
  return network.isolation ? { trustedProxies: PRIVATE, proxyHops } : undefined;
}

/** The Secrets that its fields name. */
export function accessSecrets({ security: { access } }: InferenceSettings): AccessSecrets {
  return {
    adminPassword: access?.admin?.password,
    oidcClientSecret: access?.oidc?.clientSecret,
    jwtSecret: access?.jwt && 'secret' in access.jwt ? access.jwt.secret : undefined,
  };
}

/** The way from where people log in to who confirms it. Those with private addresses are reached by `network.egress`. */
export function accessConnections(
  { security: { access } }: InferenceSettings,
  gateways: readonly string[],
): Connection[] {
  const { oidc, jwt } = access ?? {};
  const asked = [oidc?.issuer, jwt && 'jwksUrl' in jwt ? jwt.jwksUrl : undefined];
  const ports = new Set(
    asked.flatMap((url) => (url === undefined ? [] : [Number(new URL(url).port) || HTTPS])),
  );
  if (ports.size === 0) return [];
  const why = 'OpenID provider, keys of tokens';
  return gateways.map((from) => ({ from, to: PUBLIC_INTERNET, ports: [...ports], why }));
}

function without<Fields extends object>(fields: Fields, key: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => name !== key && value !== undefined),
  );
}
