import type { Construct } from 'constructs';
import type { ResourceRequirements } from 'kubernetes-types/core/v1';
import {
  DisruptionBudget,
  type SchedulingProps,
  type ShutdownProps,
  type Workload,
} from '../../constructs/kubernetes';
import type { ContainerResources, SizedWorkload, SystemSettings } from '../topology/settings';
import { autoscale } from './autoscale';

/** Autoscaler and budget of a workload, as the topology says them. */
export function scaleAndProtect(
  scope: Construct,
  workload: Workload,
  sized: SizedWorkload,
  group: Workload = workload,
): void {
  autoscale(scope, `${sized.role}-autoscaling`, workload, sized);
  if (!sized.disruption) return;
  new DisruptionBudget(scope, `${sized.role}-disruption`, { workload: group, ...sized.disruption });
}

/** CPU and memory as Kubernetes writes them. */
export function resourcesOf({ requests, limits }: ContainerResources): ResourceRequirements {
  return {
    requests: { cpu: requests.cpu.text, memory: requests.memory.text },
    limits: { ...(limits.cpu && { cpu: limits.cpu.text }), memory: limits.memory.text },
  };
}

/** Where pods may run. */
export function schedulingOf({ scheduling, spread }: SystemSettings): SchedulingProps {
  return { ...scheduling, spread: { zones: spreadOf(spread.zones), nodes: spreadOf(spread.nodes) } };
}

const spreadOf = (wish: SystemSettings['spread']['zones']) =>
  (({ preferred: 'ScheduleAnyway', required: 'DoNotSchedule', off: 'off' }) as const)[wish];

/** How a pod goes away. */
export function shutdownOf({ shutdown }: SystemSettings): ShutdownProps {
  return {
    preStopSeconds: shutdown.preStop.seconds,
    drainSeconds: shutdown.drain.seconds,
    graceSeconds: shutdown.grace.seconds,
  };
}
