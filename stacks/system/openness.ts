import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'LeaderWorkerSet']);

/** Says on every workload that its pods are open on purpose, which the rules would warn of. */
export function openOnPurpose(scope: Construct): void {
  for (const object of scope.node.findAll()) {
    if (!ApiObject.isApiObject(object) || !WORKLOADS.has(object.kind)) continue;
    object.metadata.addAnnotation(
      'allow.polypod.dev/network.not-isolated',
      'the topology asks for it: network.isolation is false',
    );
  }
}
