import { Yaml } from 'cdk8s';
import { DIRECTORIES } from '../../../runtime/contract.cjs';
import { isPlaceholder } from '../../contracts';
import { parseCpu } from '../../contracts/units';
import { ENGINE_SERVERS } from './engines';
import type { ModelNodeProps, ModelProps, NodeProps } from './props';

/** More than any model has: all of them. */
const ALL_LAYERS = 999;

/**
 * The runtime's configuration file as YAML. It says what is the same for every pod; what differs, hosts and secrets
 * come as environment, so that the file holds nothing that must not be read.
 */
export function runtimeConfig(props: NodeProps & Partial<ModelNodeProps>): string {
  // The only other folder that can be written: an embedded database lives as long as its pod.
  const data = props.database ? {} : { dataDirectory: `${DIRECTORIES.temporary}/polypod` };
  return Yaml.stringify({ ...servedModels(props), ...data, ...props.config });
}

function servedModels(props: NodeProps & Partial<ModelNodeProps>): Record<string, unknown> {
  const { models, engine } = props;
  if (!models) return {};
  if (engine === undefined || engine.name === 'llama.cpp') {
    const threads = engine?.threads ?? threadsOfEach(props, models.length);
    const embedded = { threads, gpuLayers: engine?.gpu && ALL_LAYERS };
    return { models: models.map((model) => ({ ...served(model), ...given(embedded) })) };
  }
  const url = `http://127.0.0.1:${ENGINE_SERVERS[engine.name].port}`;
  return { engine: { name: engine.name, url }, models: models.map(served) };
}

function served({ name, source, revision, sha256, contextLength, sequences, placement }: ModelProps) {
  return given({ id: name, source, revision, sha256, contextSize: contextLength, sequences, placement });
}

/**
 * Cores of each model, or `undefined` where the request is not known. A process sees all cores of its node; with a
 * thread for each, the pods of a node would take turns.
 */
function threadsOfEach({ resources }: NodeProps, models: number): number | undefined {
  const request = resources.requests?.cpu;
  const cpu = isPlaceholder(request) ? undefined : parseCpu(request);
  return cpu?.ok ? Math.max(1, Math.floor(cpu.value.cores / models)) : undefined;
}

function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
