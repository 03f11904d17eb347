import { pathTo } from '../../json';
import { thrown } from '../../known/applications';
import { Affinity, type Container, type Model, type Workload } from '../../model';
import type { Rule } from '../../rule';

const DECLARATION = 'polypod.dev/sessions';
/** Settings and schemes by which any application is given a shared cache. */
const SHARED_CACHE = /redis|valkey|memcached?|dragonfly|keydb|hazelcast|infinispan/i;

/** Sessions that only one pod knows, while the next request may go to another. */
export const noSharedState: Rule = {
  id: 'session/no-shared-state',
  severity: 'error',
  description:
    'More than one replica of a workload that holds sessions, behind a Service or Ingress, with neither affinity nor a shared cache.',
  *check(model: Model) {
    const affinity = new Affinity(model);
    for (const workload of model.workloads) {
      const { replicas, services, label, object } = workload;
      if (replicas.possible < 2 || workload.annotation(DECLARATION) === 'false') continue;
      const holder = holderOf(workload);
      if (!holder || services.length === 0 || services.some((service) => affinity.isKept(service))) continue;
      const { container, what, setting } = holder;
      const via = services.find(({ isHeadless }) => !isHeadless) ?? services[0];
      yield {
        object,
        path: pathTo(container.path, 'env'),
        message: `${label} holds ${what} in each pod, yet Service/${via?.name} spreads requests over ${replicas.text}, with neither affinity nor a shared cache: the next request may reach a pod that does not know its session.`,
        fix: setting
          ? `Set ${setting} to a Redis or Valkey that all pods share, or let the Ingress or Service keep clients on their pod (sessionAffinity: ClientIP).`
          : 'Let the Ingress or Service keep clients on their pod (cookie affinity, or sessionAffinity: ClientIP), or run one replica.',
      };
    }
  },
};

interface Holder {
  readonly container: Container;
  readonly what: string;
  /** Setting that shares what it holds. @default there is none */
  readonly setting: string | undefined;
}

/** The container of a workload that holds sessions which it does not share. */
function holderOf(workload: Workload): Holder | undefined {
  for (const container of workload.runningContainers) {
    const sessions = container.application?.sessions;
    // What nobody can read may well set it.
    if (!sessions || container.settings.unread.length > 0 || thrown(sessions.sharedBy, container.settings))
      continue;
    return { container, what: sessions.what, setting: sessions.sharedBy[0]?.setting };
  }
  const [container] = workload.runningContainers.filter(({ phase }) => phase === 'main');
  const isDeclared = workload.annotation(DECLARATION) === 'true';
  const isKnown = workload.runningContainers.some(({ application }) => application?.sessions);
  if (!container || !isDeclared || isKnown || workload.runningContainers.some(mayShare)) return undefined;
  return { container, what: 'sessions', setting: undefined };
}

function mayShare({ settings, targets }: Container): boolean {
  return (
    settings.unread.length > 0 ||
    settings.all.some(({ name, value }) => SHARED_CACHE.test(name) && value !== '') ||
    targets.some(({ scheme, host }) => SHARED_CACHE.test(scheme ?? '') || SHARED_CACHE.test(host))
  );
}
