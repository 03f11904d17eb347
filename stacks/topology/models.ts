import type { ModelSettings } from './settings';

/** Bytes of all models together. */
export function totalBytes(models: readonly Pick<ModelSettings, 'size'>[]): number {
  return models.reduce((sum, { size }) => sum + size.bytes, 0);
}

/** What kind of files a source leads to. `unknown` for folders and repositories that do not say. */
export function modelFormat(source: string): 'gguf' | 'safetensors' | 'unknown' {
  if (source === 'demo:' || /\.gguf$/i.test(source)) return 'gguf';
  if (/\.safetensors$/i.test(source)) return 'safetensors';
  if (!source.startsWith('hf:')) return 'unknown';
  return /gguf/i.test(source) ? 'gguf' : 'safetensors';
}
