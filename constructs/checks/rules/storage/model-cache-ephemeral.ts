import { pathTo } from '../../json';
import { type Container, type Model, modelPlaces } from '../../model';
import type { Finding, Rule } from '../../rule';

/** Model files that are gone with the pod. */
export const modelCacheEphemeral: Rule = {
  id: 'storage/model-cache-ephemeral',
  severity: 'warning',
  description:
    'An inference engine that keeps its models in an emptyDir or in its own file system: every start downloads them again.',
  *check(model: Model) {
    for (const { kind, runningContainers } of model.workloads) {
      // A job with an engine's image pulls or converts a model; it does not serve one.
      if (kind === 'Job' || kind === 'CronJob') continue;
      for (const container of runningContainers) {
        const found = container.servesModels ? ephemeralPlace(container) : undefined;
        if (found) yield found;
      }
    }
  },
};

function ephemeralPlace(container: Container): Finding | undefined {
  const [place] = modelPlaces(container);
  if (place === undefined) return undefined;
  const mount = container.mountOf(place);
  const isOwnFile = container.loadedModel?.name === place;
  // A model that is loaded by its path and not mounted is a part of the image.
  const type = mount?.volume?.type;
  if (mount ? type !== 'emptyDir' && type !== 'ephemeral' : isOwnFile) return undefined;
  const object = container.workload.object;
  const fix = `Mount a ReadWriteMany claim of a network file system at ${place}.`;
  return mount?.volume
    ? {
        object,
        path: mount.volume.path,
        message: `${container.engine?.name} keeps its models in ${place}, in a volume that goes with the pod (${type}): every new pod downloads them again.`,
        fix,
      }
    : {
        object,
        path: pathTo(container.path, 'volumeMounts'),
        message: `${container.engine?.name} keeps its models in ${place}, where no volume is mounted: every restart of the container downloads them again.`,
        fix,
      };
}
