import type { Container } from './container';
import type { Setting } from './settings';

/** The model that a container's engine is told to load. */
export interface LoadedModel {
  /** As written: `meta-llama/Llama-3.1-8B-Instruct`, `/models/qwen.gguf`. @default not known */
  readonly name: string | undefined;
  /** Path of the field in the object that says so. */
  readonly setting: Pick<Setting, 'object' | 'path'>;
}

export function loadedModel(container: Container): LoadedModel | undefined {
  const { engine, settings } = container;
  if (!engine) return undefined;
  const setting = settings.first(engine.modelSettings);
  if (setting) return { name: setting.value, setting };
  const at = settings.words.findIndex(({ text }) => engine.modelAfter?.includes(text));
  // The image's entry point may hold the word (`vllm serve` is vLLM's): then the model is the first argument.
  const word =
    at >= 0
      ? settings.words[at + 1]
      : engine.modelAfter && container.spec.command === undefined
        ? settings.words[0]
        : undefined;
  if (!word || word.text.startsWith('-')) return undefined;
  return { name: word.text, setting: { object: container.workload.object, path: word.path } };
}

/**
 * Whether a container serves models, as far as its command line says: one that pulls or converts them with the
 * engine's image does not, and of a script nobody can know.
 */
export function servesModels(container: Container): boolean {
  const { engine, settings, spec } = container;
  if (!engine) return false;
  const { setting, values } = engine.otherwise ?? {};
  if (setting !== undefined && values?.includes(settings.get(setting)?.value ?? '')) return false;
  const isOverridden = spec.command !== undefined || (engine.name === 'Ollama' && spec.args !== undefined);
  return !isOverridden || (engine.serves?.test(settings.words.map(({ text }) => text).join(' ')) ?? false);
}

/** Folder in which a container's engine keeps model files. */
export function modelDirectory(container: Container): string | undefined {
  const { engine, settings } = container;
  if (!engine) return undefined;
  const setting = settings.first(engine.modelDirectory.settings);
  if (setting) return setting.value;
  const home = settings.get('HOME');
  if (!home) return engine.modelDirectory.default;
  return home.value === undefined
    ? undefined
    : engine.modelDirectory.default.replace(/^\/root(?=\/)/, home.value);
}
