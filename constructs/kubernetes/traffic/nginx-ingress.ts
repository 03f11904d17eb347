import type { Ingress } from 'kubernetes-types/networking/v1';
import { issuerAnnotation, secretOf } from './gateway-route';
import { ingressRules } from './ingress-rules';
import type { NginxIngressProvider } from './props';
import { metadata, type Route, type TrafficManifests } from './route';

/** An Ingress for ingress-nginx. */
export function nginxIngressManifests(route: Route, provider: NginxIngressProvider): TrafficManifests {
  const { className = 'nginx', tls, reason } = provider;
  const secret = secretOf(tls);
  const annotations = {
    ...(reason === undefined ? {} : { 'allow.polypod.dev/lifecycle.retired': reason }),
    ...issuerAnnotation(secret),
    ...Object.fromEntries(
      Object.entries(settingsOf(route, secret !== undefined)).map(([key, value]) => [
        `nginx.ingress.kubernetes.io/${key}`,
        value,
      ]),
    ),
  };
  return {
    ingress: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: metadata(route, route.name, annotations),
      spec: {
        ingressClassName: className,
        rules: ingressRules(route),
        ...(secret === undefined
          ? {}
          : { tls: [{ hosts: [...route.hosts], secretName: secret.secretName }] }),
      },
    } satisfies Ingress,
  };
}

function settingsOf(route: Route, encrypted: boolean): Record<string, string> {
  const { affinity, timeouts } = route;
  const idle = String(timeouts.idleSeconds);
  return {
    'ssl-redirect': String(encrypted),
    'proxy-read-timeout': idle,
    'proxy-send-timeout': idle,
    // Buffering would hold tokens back, and nginx's own 413 is not the API's: the server limits bodies itself.
    'proxy-buffering': 'off',
    'proxy-body-size': '0',
    ...(affinity.by === 'cookie'
      ? {
          affinity: 'cookie',
          'session-cookie-name': affinity.name,
          'session-cookie-max-age': String(affinity.ttlSeconds),
          'session-cookie-samesite': 'Lax',
          'session-cookie-change-on-failure': 'true',
        }
      : {}),
    ...(affinity.by === 'header'
      ? { 'upstream-hash-by': `$http_${affinity.name.toLowerCase().replaceAll('-', '_')}` }
      : {}),
  };
}
