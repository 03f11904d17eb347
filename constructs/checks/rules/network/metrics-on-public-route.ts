import { listAt, objectsAt, textAt } from '../../json';
import { thrown } from '../../known/applications';
import { isPrivateEntrance } from '../../known/private-entrances';
import {
  type Container,
  type Model,
  Monitors,
  podPort,
  type Route,
  type Service,
  type ServicePort,
} from '../../model';
import type { Rule } from '../../rule';

/** Who serves metrics, and under which path. */
interface Metrics {
  readonly who: string;
  readonly path: string;
}

/** Metrics that everybody can read: names of models and tenants, load, versions. */
export const metricsOnPublicRoute: Rule = {
  id: 'network/metrics-on-public-route',
  severity: 'warning',
  description: 'A route that opens every path of a port which also serves metrics.',
  *check(model: Model) {
    const monitors = new Monitors(model);
    const entrances = new Entrances(model);
    const reported = new Set<string>();
    for (const route of model.routes) {
      const { object, service, servicePort, matchPath, urlPath } = route;
      const key = `${object.kind}/${object.namespace}/${object.name}/${matchPath}`;
      if (!service || !servicePort || reported.has(key) || isPrivateEntrance(object)) continue;
      const metrics = servedMetrics(monitors, service, route);
      if (!metrics || !opens(route, metrics.path) || entrances.takesAway(route, metrics.path)) continue;
      reported.add(key);
      yield {
        object,
        path: matchPath,
        message: `This opens ${urlPath === '/' ? 'every path' : `all below ${urlPath}`} of port ${servicePort.port} of Service/${service.name}, and ${metrics.who} serves its metrics there, under ${metrics.path}, for everybody to read.`,
        fix: `Open only the paths that clients need, or send ${metrics.path} elsewhere.`,
      };
    }
  },
};

/** Whether a route leads a URL's path to its backend. */
function opens({ pathType, urlPath }: Pick<Route, 'pathType' | 'urlPath'>, path: string): boolean {
  if (pathType === 'Exact') return urlPath === path;
  if (pathType === 'RegularExpression' || /[*()[\]|^$+]/.test(urlPath)) return matches(urlPath, path);
  const prefix = urlPath.replace(/\/+$/, '');
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** Only the patterns that let everything through, or name the path, are judged. */
function matches(pattern: string, path: string): boolean {
  return /^\^?\/?(?:\(\/\|\$\))?\(?\.?\*\)?\$?$/.test(pattern) || pattern === path;
}

function servedMetrics(monitors: Monitors, service: Service, { servicePort }: Route): Metrics | undefined {
  if (!servicePort) return undefined;
  for (const workload of service.workloads) {
    const port = podPort(servicePort, workload);
    if (port === undefined) continue;
    for (const container of workload.runningContainers) {
      const own = ownMetrics(container, port);
      if (own) return own;
    }
    const told = annotated(workload.podAnnotations, workload.label, port);
    if (told) return told;
  }
  const [workload] = service.workloads;
  const port = workload && podPort(servicePort, workload);
  return (
    annotated(service.object.annotations, `Service/${service.name}`, port) ??
    scraped(monitors, service, servicePort, port)
  );
}

/** What is known of the engine or application of a container's image. */
function ownMetrics({ engine, application, settings }: Container, port: number): Metrics | undefined {
  if (engine?.metrics && (!engine.metrics.enabledBy || thrown(engine.metrics.enabledBy, settings))) {
    const { metrics } = engine;
    const told = Number(settings.first(['--port', '-p', 'PORT', 'LLAMA_ARG_PORT'])?.value);
    const own = metrics.port === engine.port && told > 0 ? told : metrics.port;
    if (own === port) return { who: engine.name, path: metrics.path };
  }
  const metrics = application?.metrics;
  if (!metrics || metrics.port !== port || (metrics.enabledBy && !thrown(metrics.enabledBy, settings)))
    return undefined;
  return { who: application?.name ?? '', path: metrics.path };
}

/** The annotations by which people tell Prometheus what to scrape. */
function annotated(
  annotations: Readonly<Record<string, string>>,
  who: string,
  port: number | undefined,
): Metrics | undefined {
  if (annotations['prometheus.io/scrape'] !== 'true' || Number(annotations['prometheus.io/port']) !== port)
    return undefined;
  return { who, path: annotations['prometheus.io/path'] ?? '/metrics' };
}

/** What a ServiceMonitor scrapes on the port of a route. */
function scraped(
  monitors: Monitors,
  service: Service,
  { name, targetPort }: ServicePort,
  port: number | undefined,
) {
  const names = [name, String(targetPort), port === undefined ? undefined : String(port)];
  const found = monitors.scrapesOf(service).find((scrape) => names.includes(scrape.port));
  return found && { who: `Service/${service.name}`, path: found.urlPath };
}

/** The paths that each host of the input's routes tells apart, and where they lead. */
class Entrances {
  private readonly leads = new Map<string, Set<string>>();

  constructor(model: Model) {
    for (const { hosts, urlPath, backend } of model.routes) {
      for (const host of hosts.length > 0 ? hosts : ['']) this.add(host, urlPath, leadsTo(backend));
    }
    for (const { manifest } of model.ofKind('HTTPRoute', 'gateway.networking.k8s.io')) {
      const hosts = listAt(manifest, 'spec', 'hostnames').filter((host) => typeof host === 'string');
      for (const { item: rule } of objectsAt(manifest, 'spec', 'rules')) {
        // A rule without backends answers by itself: with a redirect, or an error.
        if (listAt(rule, 'backendRefs').length > 0) continue;
        for (const { item } of objectsAt(rule, 'matches')) {
          for (const host of hosts.length > 0 ? hosts : [''])
            this.add(host, textAt(item, 'path', 'value') ?? '/', '');
        }
      }
    }
  }

  /** Whether a path of a route's hosts leads somewhere else. */
  takesAway({ object, hosts, backend }: Route, path: string): boolean {
    const isDenied = Object.entries(object.annotations).some(
      ([name, text]) => /snippet$/.test(name) && text.includes(path),
    );
    return (
      isDenied ||
      (hosts.length > 0 ? hosts : ['']).every((host) => {
        const leads = this.leads.get(`${host}${path}`);
        return leads !== undefined && !leads.has(leadsTo(backend));
      })
    );
  }

  private add(host: string, path: string, to: string): void {
    const key = host + (path.replace(/\/+$/, '') || '/');
    const known = this.leads.get(key);
    if (known) known.add(to);
    else this.leads.set(key, new Set([to]));
  }
}

function leadsTo({ namespace, name, port }: Route['backend']): string {
  return `${namespace}/${name}:${port ?? ''}`;
}
