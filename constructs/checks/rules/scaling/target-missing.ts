import { isPlaceholder } from '../../../contracts/placeholder';
import { textAt } from '../../json';
import { type Autoscaler, type Model, mapSelector } from '../../model';
import type { Finding, Rule } from '../../rule';

/** An autoscaler of something that is not there. */
export const targetMissing: Rule = {
  id: 'scaling/target-missing',
  severity: 'error',
  description:
    'A HorizontalPodAutoscaler or ScaledObject whose target is not there: it never scales anything.',
  *check(model: Model) {
    const scaled = new Set(
      model.autoscalers.map(({ object, target }) => `${object.namespace}\0${target.kind}\0${target.name}`),
    );
    const elsewhere = new Map<string, string>();
    const otherKinds = new Map<string, string>();
    for (const { kind, namespace, name, manifest } of model.objects) {
      if (!isScalable(kind) && manifest.spec === undefined) continue;
      // What an autoscaler of its own scales is not what this one means.
      const isMeant = !scaled.has(`${namespace}\0${kind}\0${name}`);
      if (isMeant) elsewhere.set(`${kind}\0${name}`, namespace);
      if (isScalable(kind)) otherKinds.set(`${namespace}\0${name}`, kind);
    }
    for (const autoscaler of model.autoscalers) {
      const { object, target } = autoscaler;
      const wanted = `${target.kind}/${target.name}`;
      const finding = (path: string, message: string, fix: string): Finding => ({
        object,
        path,
        message: `It scales ${wanted} of namespace ${object.namespace}, ${message}.`,
        fix,
      });
      if (target.name === '') {
        yield {
          object,
          path: `${target.path}.name`,
          message: 'It names nothing to scale.',
          fix: 'Name the workload in spec.scaleTargetRef.',
        };
        continue;
      }
      if (isUnfilled(target.name) || isUnfilled(target.kind) || isUnfilled(object.namespace)) continue;
      const found = model.find(target.kind, object.namespace, target.name);
      if (found) {
        const group = groupOfTarget(autoscaler);
        if (group === undefined || group === found.group) continue;
        yield finding(
          `${target.path}.apiVersion`,
          `but with the apiVersion of another group than its ${found.apiVersion}`,
          `Write apiVersion: ${found.apiVersion}.`,
        );
        continue;
      }
      // A controller makes the workload from a resource of its own.
      if (model.controllerMayMake(mapSelector({ name: target.name }), object.namespace)) continue;
      const kind = otherKinds.get(`${object.namespace}\0${target.name}`);
      const namespace = elsewhere.get(`${target.kind}\0${target.name}`);
      if (kind !== undefined)
        yield finding(
          `${target.path}.kind`,
          `but ${target.name} is a ${kind}`,
          `Write kind: ${kind}, with its apiVersion.`,
        );
      else if (namespace !== undefined)
        yield finding(
          'metadata.namespace',
          `but it is in namespace ${namespace}, and an autoscaler reaches only its own`,
          `Move the ${object.kind} to namespace ${namespace}.`,
        );
      else
        yield finding(
          `${target.path}.name`,
          'which is not there',
          'Write the name of the workload that it is to scale.',
        );
    }
  },
};

function isScalable(kind: string): boolean {
  return [
    'Deployment',
    'StatefulSet',
    'ReplicaSet',
    'ReplicationController',
    'Rollout',
    'LeaderWorkerSet',
  ].includes(kind);
}

/** API group that the target is looked for in. @returns undefined where none is written: then its kind says enough */
function groupOfTarget({ object }: Autoscaler): string | undefined {
  const apiVersion = textAt(object.manifest, 'spec', 'scaleTargetRef', 'apiVersion');
  if (apiVersion === undefined || isUnfilled(apiVersion)) return undefined;
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

function isUnfilled(text: string): boolean {
  return isPlaceholder(text) || /[{}$<>]/.test(text);
}
