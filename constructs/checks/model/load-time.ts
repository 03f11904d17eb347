import { numberAt } from '../json';
import { modelBytes } from '../known/model-sizes';
import type { Container } from './container';
import { devicesOf } from './devices';
import { modelPlaces } from './model-files';
import { parseQuantity } from './quantity';
import type { Workload } from './workload';

const BYTES_ANNOTATION = 'polypod.dev/model-bytes';
const THROUGHPUT_ANNOTATION = 'polypod.dev/storage-bytes-per-second';

/** What one pod reads from network storage, where nothing says how much. */
const NETWORK_BYTES_PER_SECOND = 200e6;

export interface ModelLoad {
  /** That one pod reads. */
  readonly bytes: number;
  readonly seconds: number;
  /** For messages: `Qwen/Qwen3-8B, 16 GB at 200 MB/s`. */
  readonly text: string;
}

/** How long a container reads its model, at the least. `undefined`: nothing says, or it loads none. */
export function modelLoad(container: Container): ModelLoad | undefined {
  const { workload } = container;
  const given = positive(workload.annotation(BYTES_ANNOTATION));
  const throughput = positive(workload.annotation(THROUGHPUT_ANNOTATION));
  const name = modelName(container);
  const whole = readsFromNetwork(container) && name !== undefined ? modelBytes(name) : undefined;
  // Of a group of nodes, each reads its share of the model.
  const nodes = numberAt(workload.object.manifest, 'spec', 'leaderWorkerTemplate', 'size') || 1;
  const bytes = given ?? (whole && whole / nodes);
  if (bytes === undefined) return undefined;
  const rate = throughput ?? NETWORK_BYTES_PER_SECOND;
  const what = given === undefined ? `${name}, about` : 'a model of';
  return {
    bytes,
    seconds: bytes / rate,
    text: `${what} ${gigabytes(bytes)} GB${given === undefined && nodes > 1 ? ` on each of ${nodes} nodes` : ''} at ${Math.round(rate / 1e6)} MB/s`,
  };
}

/**
 * The containers of a pod that load a model at their start: known engines that serve; and where annotations say that
 * there is a model, but no engine is known, the container with the GPU, else the first.
 */
export function loadingContainers(workload: Workload): Container[] {
  const { runningContainers } = workload;
  const engines = runningContainers.filter(({ engine }) => engine !== undefined);
  if (engines.length > 0) return engines.filter(({ servesModels }) => servesModels);
  if (workload.annotation(BYTES_ANNOTATION) === undefined) return [];
  const mains = runningContainers.filter(({ phase }) => phase === 'main');
  const loading = mains.find((container) => devicesOf(container).length > 0) ?? mains[0];
  return loading ? [loading] : [];
}

function modelName({ loadedModel, settings, engine, image }: Container): string | undefined {
  if (settings.value('--load-format') === 'dummy') return undefined;
  const { name, setting } = loadedModel ?? {};
  if (setting?.object.kind === 'Secret') return undefined; // it is not to be repeated
  if (name === undefined) return engine?.name === 'NVIDIA NIM' && !loadedModel ? image.repository : undefined;
  const quantization = settings.first(['--quantization', '-q', '--quantize', 'QUANTIZE'])?.value ?? '';
  // Of a folder or a repository of several files, these settings say which model it is.
  const file = settings.first(['--hf-file', '-hff'])?.value;
  const text = [name, file].filter((part) => part !== undefined).join('/');
  const known = modelBytes(text) === undefined ? settings.value('--served-model-name') : undefined;
  // Weights can only be read with AWQ or GPTQ if they were written so; other methods shrink them once they are read.
  return `${known ?? text}${/^(?:awq|gptq)/.test(quantization) && !/8[-_]?bit|int8/i.test(text) ? `-${quantization}` : ''}`;
}

/** False for models that are a part of the image, lie on the node itself, or were brought there before it starts. */
function readsFromNetwork(container: Container): boolean {
  const { loadedModel, workload } = container;
  const isFile = loadedModel?.name?.startsWith('/') ?? false;
  const [place] = modelPlaces(container);
  const volume = place === undefined ? undefined : container.mountOf(place)?.volume;
  if (!volume) return !isFile;
  if (volume.type === 'hostPath' || volume.type === 'image') return false;
  const isBrought = workload.containers.some(
    ({ phase, mounts }) => phase === 'init' && mounts.some((mount) => mount.volume === volume),
  );
  return volume.type !== 'emptyDir' || !(isFile || isBrought);
}

function positive(text: string | undefined): number | undefined {
  const number = parseQuantity(text);
  return number !== undefined && number > 0 ? number : undefined;
}

function gigabytes(bytes: number): string {
  const number = bytes / 1e9;
  return number >= 10 ? String(Math.round(number)) : number.toFixed(1).replace(/\.0$/, '');
}
