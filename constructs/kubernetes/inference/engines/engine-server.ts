import type { ImageReference } from '../../../contracts';
import type { EngineProps, ModelProps } from '../props';

/** Writable folder of an engine's container, for compiled kernels and whatever it expects in its home. */
export const CACHE_DIRECTORY = '/cache';

/** An engine that runs beside the runtime, in a container of its own, and listens on localhost only. */
export interface EngineServer {
  /** The official image at the version that the arguments below are for. */
  image(onGpu: boolean): ImageReference;
  /** TCP port on localhost. */
  readonly port: number;
  /** @default the image's own entry point */
  readonly command?: readonly string[];
  args(model: ModelProps, engine: EngineProps): readonly string[];
  env(model: ModelProps): Readonly<Record<string, string>>;
  /** Exits with 0 when the engine answers. A command, since the kubelet can't reach the pod's localhost. */
  readonly health: readonly string[];
  /** Seconds beyond reading the model: an estimate on the safe side. */
  readonly loadSeconds: number;
  /** Whether its processes exchange tensors over /dev/shm. */
  readonly sharesMemory: boolean;
  /** Whether it loads models only from a store of its own, into which the runtime copies them over its API. */
  readonly importsModels: boolean;
  /** Arguments that join the nodes of a group into one engine. @default it can't span nodes */
  groupArgs?(rank: 'leader' | 'worker', nodes: number): readonly string[];
}

/** `curl` is in the images whose health is asked over HTTP; their own health checks use it. */
export function curl(port: number, path: string): string[] {
  return ['curl', '--silent', '--fail', '--output', '/dev/null', `http://127.0.0.1:${port}${path}`];
}

/** `--flag value` where there is a value. */
export function flag(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)];
}

/**
 * What Python engines need where their user has no entry in /etc/passwd and no home: names for `getpass`, and every
 * cache in the one writable folder. They never download: the store is filled before they start.
 */
export const PYTHON_ENVIRONMENT = {
  HOME: CACHE_DIRECTORY,
  USER: 'polypod',
  LOGNAME: 'polypod',
  XDG_CACHE_HOME: CACHE_DIRECTORY,
  XDG_CONFIG_HOME: `${CACHE_DIRECTORY}/config`,
  HF_HOME: `${CACHE_DIRECTORY}/huggingface`,
  HF_HUB_OFFLINE: '1',
  TRANSFORMERS_OFFLINE: '1',
  NUMBA_CACHE_DIR: `${CACHE_DIRECTORY}/numba`,
  TORCHINDUCTOR_CACHE_DIR: `${CACHE_DIRECTORY}/inductor`,
  TRITON_CACHE_DIR: `${CACHE_DIRECTORY}/triton`,
  CUDA_CACHE_PATH: `${CACHE_DIRECTORY}/cuda`,
} as const;
