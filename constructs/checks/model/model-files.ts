import { basename } from 'node:path';
import type { Container, Mount } from './container';
import type { Volume } from './volume';
import type { Workload } from './workload';

/** What people call volumes and folders of model files. */
const SAYS_MODELS =
  /(?:^|[-_./])(?:models?|llms?|weights|checkpoints|gguf|hugging-?face|hf-?(?:cache|home|hub)|ollama)(?:$|[-_./])/i;

/** What they call volumes of other files that speak of models, too. */
const SAYS_OTHERWISE =
  /(?:^|[-_./])(?:db|database|postgres\w*|mysql|mongo\w*|redis|etcd|logs?|config|registry|metadata)(?:$|[-_./])/i;

/** Models that are streamed from a bucket, and never lie in a folder. */
const STREAMED = /^(?:s3|gs|az|abfs):\/\//;

/**
 * Files or folders in which a container finds its models: the file it is told to load, else its engine's or
 * application's folder.
 */
export function modelPlaces(container: Container): string[] {
  const { name } = container.loadedModel ?? {};
  if (name?.startsWith('/')) return [name];
  if (name !== undefined && STREAMED.test(name)) return [];
  const folder = container.modelDirectory ?? container.application?.modelDirectory;
  return folder?.startsWith('/') ? [folder] : [];
}

/** Mounts of a container that hold model files: by what its engine says, or by what the mount is called. */
export function modelMounts(container: Container): Mount[] {
  const places = modelPlaces(container);
  const known = new Set(places.map((place) => container.mountOf(place)));
  const isServer = container.server !== undefined;
  return container.mounts.filter(
    (mount) =>
      known.has(mount) || (places.length === 0 && !isServer && holdsData(mount.volume) && saysModels(mount)),
  );
}

/** Volumes of a workload that hold model files. */
export function modelVolumes(workload: Workload): Set<Volume> {
  const volumes = workload.containers.flatMap(modelMounts).map(({ volume }) => volume);
  return new Set(volumes.filter((volume) => volume !== undefined));
}

function saysModels({ mountPath, volume }: Mount): boolean {
  const names = [volume?.name ?? '', basename(mountPath)];
  return names.some((name) => SAYS_MODELS.test(name)) && !names.some((name) => SAYS_OTHERWISE.test(name));
}

function holdsData(volume: Volume | undefined): boolean {
  return volume !== undefined && !['configMap', 'secret', 'projected', 'downwardAPI'].includes(volume.type);
}
