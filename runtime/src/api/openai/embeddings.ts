import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { EngineOf } from '../../streams/generations.js';
import { invalidRequest } from '../api-error.js';
import { parseBody } from '../validation.js';
import { token } from './fields.js';
import { whenGone } from './streaming.js';

const embeddingRequest = z.strictObject({
  model: z.string().min(1),
  input: z.union([
    z.string().min(1),
    z.array(token).min(1),
    z.array(z.string().min(1)).min(1).max(2048),
    z.array(z.array(token).min(1)).min(1).max(2048),
  ]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().min(1).nullish(),
  user: z.string().nullish(),
});

type EmbeddingRequest = z.output<typeof embeddingRequest>;

/** `POST /v1/embeddings` */
export function embeddings(app: FastifyInstance, engineOf: EngineOf): void {
  app.post('/v1/embeddings', async (request, reply) => {
    const body = parseBody(embeddingRequest, request.body);
    const engine = engineOf(body.model);
    if (engine.description?.capabilities.embeddings === false) {
      throw invalidRequest(`The model '${body.model}' does not embed.`, 'model', 'unsupported_model');
    }
    const gone = whenGone(reply);
    const result = await engine.embed(toInputs(body.input), gone).catch((error: unknown) => {
      if (!gone.aborted) throw error;
    });
    // Nobody is there any more to be answered.
    if (!result) return reply.hijack();
    const { vectors, promptTokens } = result;
    return {
      object: 'list',
      model: body.model,
      data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector, body) })),
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    };
  });
}

function toInputs(input: EmbeddingRequest['input']): (string | number[])[] {
  if (typeof input === 'string') return [input];
  const tokens = input.filter((each) => typeof each === 'number');
  if (tokens.length === input.length) return [tokens];
  return input.flatMap((each) => (typeof each === 'number' ? [] : [each]));
}

function encode(
  vector: Float32Array,
  { dimensions, encoding_format: format }: EmbeddingRequest,
): number[] | string {
  const kept = dimensions == null ? vector : shortened(vector, dimensions);
  if (format === 'base64')
    return Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength).toString('base64');
  return [...kept];
}

/** The first dimensions, at length 1 again. */
function shortened(vector: Float32Array, dimensions: number): Float32Array {
  if (dimensions > vector.length) {
    throw invalidRequest(`The model's embeddings have ${vector.length} dimensions.`, 'dimensions');
  }
  const first = vector.slice(0, dimensions);
  const length = Math.hypot(...first);
  return length > 0 ? first.map((value) => value / length) : first;
}
