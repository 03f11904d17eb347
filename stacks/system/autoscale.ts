import type { Construct } from 'constructs';
import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from 'kubernetes-types/autoscaling/v2';
import { Autoscaling, type AutoscalingSignal, type Workload } from '../../constructs/kubernetes';
import type { AutoscalingSettings, SizedWorkload } from '../topology/settings';

/** Adds the autoscaler that a role asks for; none where the number of its pods is fixed. */
export function autoscale(scope: Construct, id: string, workload: Workload, role: SizedWorkload): void {
  if (!role.autoscaling) return;
  new Autoscaling(scope, id, {
    workload,
    signal: signalOf(role.autoscaling),
    behavior: behaviorOf(role.autoscaling.behavior),
  });
}

function signalOf(autoscaling: AutoscalingSettings): AutoscalingSignal {
  if (autoscaling.signal === 'queue') {
    return {
      kind: 'queue',
      // The schema's checks refuse a queue signal without an address.
      prometheusAddress: autoscaling.prometheusAddress ?? '',
      queuedPerReplica: autoscaling.target,
      ...(autoscaling.authentication !== undefined && {
        authentication: { name: autoscaling.authentication },
      }),
      pollingSeconds: autoscaling.pollingInterval.seconds,
    };
  }
  const { cpuPercent, memoryPercent } = autoscaling;
  return {
    kind: 'utilization',
    ...(cpuPercent !== 'off' && { cpuPercent }),
    ...(memoryPercent !== 'off' && { memoryPercent }),
  };
}

type Behavior = AutoscalingSettings['behavior'];

function behaviorOf({ scaleUp, scaleDown }: Behavior): HorizontalPodAutoscalerBehavior {
  return { scaleUp: ruleOf(scaleUp), scaleDown: ruleOf(scaleDown) };
}

function ruleOf({ pods, period, stabilization }: Behavior['scaleUp']): HPAScalingRules {
  return {
    stabilizationWindowSeconds: stabilization.seconds,
    policies: [{ type: 'Pods', value: pods, periodSeconds: period.seconds }],
  };
}
