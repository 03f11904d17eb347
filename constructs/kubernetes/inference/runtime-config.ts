import { Yaml } from 'cdk8s';
import { ENGINE_SERVERS } from './engines';
import type { ModelNodeProps, NodeProps } from './props';

/**
 * The runtime's configuration file as YAML. It says what is the same for every pod; what differs, hosts and secrets
 * come as environment, so that the file holds nothing that must not be read.
 */
export function runtimeConfig(props: NodeProps & Partial<ModelNodeProps>): string {
  return Yaml.stringify({ ...servedModels(props), ...props.config });
}

function servedModels({ models, engine }: Partial<ModelNodeProps>): Record<string, unknown> {
  if (!models) return {};
  const name = engine?.name ?? 'llama.cpp';
  return {
    engine: name === 'llama.cpp' ? { name } : { name, url: `http://127.0.0.1:${ENGINE_SERVERS[name].port}` },
    models: models.map(({ name, source, revision, sha256, bytes, contextLength, sequences }) =>
      Object.fromEntries(
        Object.entries({ name, source, revision, sha256, bytes, contextLength, sequences }).filter(
          ([, value]) => value !== undefined,
        ),
      ),
    ),
  };
}
