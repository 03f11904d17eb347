import type { IngressRule } from 'kubernetes-types/networking/v1';
import type { Route } from './route';

/** An Ingress' rules: every public path of every host. */
export function ingressRules(route: Route): IngressRule[] {
  const service = { name: route.backend.service, port: { number: route.backend.port } };
  return route.hosts.map((host) => ({
    host,
    http: {
      paths: route.paths.map(({ type, path }) => ({
        path,
        pathType: type === 'Exact' ? 'Exact' : 'Prefix',
        backend: { service },
      })),
    },
  }));
}
