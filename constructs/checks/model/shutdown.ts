import { listAt, numberAt } from '../json';
import { DRAIN_ANNOTATION, DRAIN_DEFAULTS, DRAIN_SETTING } from '../known/shutdown';
import type { Container } from './container';
import type { Settings } from './settings';
import type { Workload } from './workload';

/** How long a container takes to stop, in seconds, as far as the manifest says. */
export interface Shutdown {
  readonly preStopSeconds: number;
  /** Drain after SIGTERM. 0 where nothing says one. */
  readonly drainSeconds: number;
  /** What says the drain time: `DRAIN_TIMEOUT_SECONDS`. */
  readonly drainSource: string | undefined;
}

/** The container of a pod that takes longest to stop; they all stop at once, and share one grace period. */
export function slowestShutdown(
  workload: Workload,
): (Shutdown & { readonly container: Container }) | undefined {
  const { runningContainers } = workload;
  const annotated = seconds(workload.annotation(DRAIN_ANNOTATION));
  const mains = runningContainers.filter(({ phase }) => phase === 'main');
  // The annotation speaks of the pod: of the container that is told nothing by itself, its proxies left aside.
  const told = mains.find((container) => ownDrain(container) !== undefined) ?? mains[0];
  let slowest: (Shutdown & { readonly container: Container }) | undefined;
  for (const container of runningContainers) {
    const own = ownDrain(container);
    const byAnnotation =
      container === told && annotated !== undefined && annotated > (own?.seconds ?? 0)
        ? { seconds: annotated, source: DRAIN_ANNOTATION }
        : undefined;
    const drain = byAnnotation ?? own;
    const found = {
      container,
      preStopSeconds: preStopSeconds(container),
      drainSeconds: drain?.seconds ?? 0,
      drainSource: drain?.source,
    };
    if (!slowest || total(found) > total(slowest)) slowest = found;
  }
  return slowest;
}

function total({ preStopSeconds, drainSeconds }: Shutdown): number {
  return preStopSeconds + drainSeconds;
}

function ownDrain({ settings, application }: Container): { seconds: number; source: string } | undefined {
  const setting = settings.get(DRAIN_SETTING);
  if (setting) {
    const told = seconds(setting.value);
    return told === undefined ? undefined : { seconds: told, source: DRAIN_SETTING };
  }
  const byDefault = DRAIN_DEFAULTS[application?.name ?? ''];
  return byDefault === undefined
    ? undefined
    : { seconds: byDefault, source: `the default of the ${application?.name}` };
}

/** Seconds that a preStop hook sleeps: `sleep.seconds`, or the `sleep` commands of its script. */
function preStopSeconds({ spec, settings }: Container): number {
  const slept = numberAt(spec, 'lifecycle', 'preStop', 'sleep', 'seconds');
  if (slept !== undefined) return slept;
  const command = listAt(spec, 'lifecycle', 'preStop', 'exec', 'command')
    .filter((word) => typeof word === 'string')
    .join(' ');
  let sum = 0;
  for (const [, duration = ''] of command.matchAll(/(?:^|[\s;&|("'/.])sleep(?:\s+["']?|\()([\w.${}:-]+)/g)) {
    sum += seconds(expand(duration, settings)) ?? 0;
  }
  return sum;
}

/** `$NAME`, `${NAME}` and `${NAME:-5}` as a shell would fill them in. */
function expand(text: string, settings: Settings): string | undefined {
  const match = /^\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))$/.exec(text);
  if (!match) return text;
  const setting = settings.get(match[1] ?? match[3] ?? '');
  return setting ? setting.value : match[2];
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** `20`, `20s`, `1m30s` in seconds. */
function seconds(text: string | undefined): number | undefined {
  const duration = text?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(duration)) return Number(duration);
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(duration)) return undefined;
  let sum = 0;
  for (const [, number, unit = 's'] of duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    sum += Number(number) * (UNITS[unit] ?? 0);
  return sum;
}
