import type { Engine } from '../engine/engine.js';
import { EngineError } from '../engine/engine-error.js';
import type { GenerationEvent, GenerationRequest } from '../engine/generation.js';
import type { Metrics } from './metrics.js';

/** The part of an engine that generates. */
export type Generator = Pick<Engine, 'generate'>;

/** Measures what an engine generates, and holds prompts to the configured length. */
export function measured(
  engine: Generator,
  metrics: Metrics,
  maxPromptTokens: () => number | undefined,
): Generator {
  return {
    generate: (request, signal) => {
      const check = (promptTokens: number) => checkPrompt(promptTokens, request, maxPromptTokens());
      return measure(engine.generate(request, signal), request, signal, check, metrics);
    },
  };
}

function checkPrompt(promptTokens: number, { prompt }: GenerationRequest, limit: number | undefined): void {
  if (limit === undefined || promptTokens <= limit) return;
  const message = `The prompt has ${promptTokens} tokens; this server takes at most ${limit}.`;
  throw new EngineError('context_length_exceeded', message, prompt.kind === 'chat' ? 'messages' : 'prompt');
}

async function* measure(
  events: AsyncIterable<GenerationEvent>,
  request: GenerationRequest,
  signal: AbortSignal,
  check: (promptTokens: number) => void,
  { of }: Metrics,
): AsyncGenerator<GenerationEvent> {
  const { model } = request;
  const betweenTokens = of.betweenTokens.labels({ model });
  const generatedTokens = of.generatedTokens.labels({ model });
  const start = performance.now();
  let last = start;
  let first = true;
  // The tokens of a stream that is taken over were counted where they were generated.
  let counted = request.resume?.length ?? 0;
  let outcome = 'cancelled';
  if (request.resume) of.streamsTakenOver.inc({ model });
  try {
    for await (const event of events) {
      // A stream that is taken over was let in, and counted, before.
      if (event.type === 'started' && !request.resume) {
        check(event.promptTokens);
        of.promptTokens.inc({ model }, event.promptTokens);
        of.promptLength.observe({ model }, event.promptTokens);
      } else if (event.type === 'delta' && event.tokens.length > 0) {
        const now = performance.now();
        generatedTokens.inc(event.tokens.length);
        counted += event.tokens.length;
        if (!first) betweenTokens.observe((now - last) / 1000 / event.tokens.length);
        else if (!request.resume) of.firstToken.observe({ model }, (now - start) / 1000);
        first = false;
        last = now;
      } else if (event.type === 'finished') {
        outcome = event.reason;
        // No delta has the end token.
        generatedTokens.inc(Math.max(0, event.completionTokens - counted));
        of.cachedTokens.inc({ model }, event.cachedTokens);
        of.generationSeconds.observe({ model }, (performance.now() - start) / 1000);
      }
      yield event;
    }
  } catch (error) {
    if (!signal.aborted) outcome = isRefusal(error) ? 'refused' : 'failed';
    const limit = error instanceof EngineError && LIMITS[error.code];
    if (limit) of.refused.inc({ limit });
    throw error;
  } finally {
    of.generations.inc({ model, outcome });
  }
}

const LIMITS: Readonly<Partial<Record<EngineError['code'], string>>> = {
  overloaded: 'queue',
  context_length_exceeded: 'prompt',
};

function isRefusal(error: unknown): boolean {
  return error instanceof EngineError && error.code !== 'unavailable' && error.code !== 'bad_model';
}
