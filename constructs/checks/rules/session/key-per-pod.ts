import { dirname } from 'node:path';
import { pathTo } from '../../json';
import type { Container, Model } from '../../model';
import type { Rule } from '../../rule';

/** Pods that sign with keys of their own, and refuse what the others have signed. */
export const keyPerPod: Rule = {
  id: 'session/key-per-pod',
  severity: 'error',
  description:
    'More than one replica of an application that signs its sessions with a key of its own making, because none is set.',
  *check(model: Model) {
    for (const { replicas, runningContainers, object, label } of model.workloads) {
      if (replicas.possible < 2) continue;
      for (const container of runningContainers) {
        const { application, settings } = container;
        const key = application?.signingKey;
        if (!key || settings.unread.length > 0 || isSet(container, key.settings) || keepsOneKey(container))
          continue;
        const [name] = key.settings;
        const empty = settings.first(key.settings);
        yield {
          object: empty?.object ?? object,
          path: empty?.path ?? pathTo(container.path, 'env'),
          message: `${application?.name} in ${label} has no ${name}, so that each pod makes a key of its own, and there can be ${replicas.text}: ${key.consequence}.`,
          fix: `Set ${name} from a Secret, to the same value in all pods.`,
        };
      }
    }
  },
};

/** Set to anything but nothing, here or in the file that `…_FILE` names. */
function isSet({ settings }: Container, names: readonly string[]): boolean {
  return names.some((name) =>
    [name, `${name}_FILE`].some((one) => {
      const setting = settings.get(one);
      return setting !== undefined && setting.value !== '';
    }),
  );
}

/** Whether the file in which it keeps its key lies on a volume that all pods share. */
function keepsOneKey(container: Container): boolean {
  const { application, settings } = container;
  const keyFile = application?.signingKey?.keptIn;
  if (keyFile === undefined) return false;
  const folder = application?.sqlite?.folderSetting && settings.value(application.sqlite.folderSetting);
  const volume = container.mountOf(folder || dirname(keyFile))?.volume;
  return /^(?:persistentVolumeClaim|nfs|csi)$/.test(volume?.type ?? '') && volume?.claim?.perPod !== true;
}
