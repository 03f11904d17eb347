import * as z from 'zod';
import type { Fault } from '../../../constructs/contracts/units';
import { byteSize, count, map, text } from './fields';

const SOURCE_MEND = 'write hf:owner/repository/file.gguf, hf:owner/repository, https://…, file:/… or demo:';

/** Why a text is not the source of a model. */
function modelSourceFault(source: string): Fault | undefined {
  if (source === 'demo:') return undefined;
  if (source.startsWith('hf:')) {
    const parts = source.slice(3).split('/');
    const fine = parts.length >= 2 && parts.every((part) => /^[\w][\w.-]*$/.test(part));
    return fine
      ? undefined
      : { reason: 'is not a repository of Hugging Face', mend: 'write hf:owner/repository[/file]' };
  }
  if (source.startsWith('https:')) {
    if (!URL.canParse(source) || new URL(source).hostname === '')
      return { reason: 'is not a URL', mend: SOURCE_MEND };
    const { username, password } = new URL(source);
    return username || password
      ? {
          reason: 'holds credentials',
          mend: 'take them out; use security.huggingFaceToken, or a mirror inside the network',
        }
      : undefined;
  }
  if (source.startsWith('http:')) {
    return {
      reason: 'is fetched without encryption',
      mend: `did you mean ${source.replace('http:', 'https:')}?`,
    };
  }
  if (source.startsWith('file:')) {
    return /^file:(\/\/)?\/[^\0]*$/.test(source)
      ? undefined
      : { reason: 'is not an absolute path', mend: 'write file:/models/name.gguf' };
  }
  return {
    reason: 'has no known scheme',
    mend: /^[\w.-]+\/[\w./-]+$/.test(source) ? `did you mean hf:${source}?` : SOURCE_MEND,
  };
}

/** One model that the topology serves. */
export const model = map({
  name: text((value) =>
    /^[A-Za-z0-9][\w.:/-]{0,127}$/.test(value)
      ? undefined
      : { reason: 'is not a name for a model', mend: 'use letters, digits and . _ - : /, at most 128' },
  ).describe('What clients send as model.'),
  source: text(modelSourceFault, {
    examples: [
      'hf:Qwen/Qwen2.5-7B-Instruct-GGUF/qwen2.5-7b-instruct-q4_k_m.gguf',
      'hf:Qwen/Qwen2.5-32B-Instruct-AWQ',
    ],
  }).describe(
    'Where its files are: hf:owner/repository/file for one GGUF file, hf:owner/repository for safetensors, https:, file: inside the volume, or demo: for the tiny model that is in the image.',
  ),
  revision: text((value) =>
    /^[\w][\w.-]{0,127}$/.test(value)
      ? undefined
      : { reason: 'is not a revision', mend: 'write a commit hash or a tag' },
  )
    .optional()
    .describe('Commit or tag of the repository, so that the model never changes by itself. Default: main.'),
  size: byteSize().describe(
    'Bytes of its files together. The startup budget, the claim and the memory follow from it.',
  ),
  sha256: text((value) =>
    /^[0-9a-f]{64}$/.test(value)
      ? undefined
      : { reason: 'is not a SHA-256 sum', mend: 'write its 64 hexadecimal digits in lower case, in quotes' },
  )
    .optional()
    .describe('Checksum of a single file. Default: what the source states.'),
  purpose: z.enum(['chat', 'embedding']).default('chat').describe('What it is for.'),
  contextLength: count(128, 10_485_760)
    .default(8192)
    .describe('Tokens of prompt and answer together. Memory grows with it.'),
  placement: map({
    replicas: count(1, 1000).describe('Pods that hold it.'),
    max: count(1, 1000)
      .optional()
      .describe('Pods that hold it while requests wait for it. Default: replicas.'),
  })
    .optional()
    .describe('How many pods hold it, with llama.cpp. Default: every pod that holds models.'),
  sequences: count(1, 4096).default(8).describe('Requests that one pod generates at once; others wait.'),
});
