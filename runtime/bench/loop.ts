/**
 * What a step of the engine's loop costs beside decoding. The same model decodes the same tokens twice, taking turns:
 * by the bare addon, which only decodes, in the same batches, and by the loop, which also samples, assembles text and reports.
 */
import { BatchPlanner, type Segment } from '../src/engine/llama/child/batch-planner.js';
import { loadBindings, type NativeContext } from '../src/engine/llama/child/bindings.js';
import { GenerationRun } from '../src/engine/llama/child/generation-run.js';
import { SharedSamplers } from '../src/engine/llama/child/shared-samplers.js';
import { StepLoop } from '../src/engine/llama/child/step-loop.js';
import { LogprobReader, TokenSampler } from '../src/engine/llama/child/token-sampler.js';
import { Vocabulary } from '../src/engine/llama/child/vocabulary.js';
import type { FromChild } from '../src/engine/llama/protocol.js';
import { PARAMETERS_68M } from '../src/models/gguf/random-model.js';
import { benchModel } from './bench-model.js';
import { atMost, type Figure, quantile, report, told } from './report.js';

const TOKENS = Number(process.env.BENCH_TOKENS ?? 200);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const CONTEXT = 512;
const PROMPT = 16;
/** Steps that are timed together. */
const STRETCH = 10;
const QUIET = 0.1;
/** Share of a step outside decoding that is allowed, by the number of sequences. */
const GOALS = new Map([
  [1, 0.1],
  [4, 0.1],
  [8, 0.05],
  [16, 0.05],
]);

const path = await benchModel();
const bindings = await loadBindings(false, () => {});
const native = new bindings.AddonModel(path, {
  addonExports: bindings,
  gpuLayers: 0,
  useMmap: true,
  checkTensors: false,
});
await native.init();
const vocabulary = new Vocabulary(native, PARAMETERS_68M.vocabulary);
const samplers = new SharedSamplers(bindings, native);
const logprobs = new LogprobReader(samplers, vocabulary);
const sampling = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  frequencyPenalty: 0,
  presencePenalty: 0,
  repetitionPenalty: 1,
  logitBias: { 257: -100 },
  seed: 1,
};

const figures: Figure[] = [];
for (const [sequences, goal] of GOALS) {
  const context = new bindings.AddonContext(native, {
    contextSize: CONTEXT * sequences,
    batchSize: 128,
    sequences,
    threads: 1,
    flashAttention: 'auto',
  });
  await context.init();
  const planner = await BatchPlanner.measure(context, sequences);
  const segments = planner.plan(Array.from({ length: sequences }, () => true));
  const bare: number[] = [];
  const loop: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(...(await decodeOnly(context, sequences, segments)));
    loop.push(...(await runLoop(context, sequences, planner)));
  }
  // The quickest stretches: those in which the machine did nothing else.
  const best = { bare: quantile(bare, QUIET), loop: quantile(loop, QUIET) };
  const share = best.loop / best.bare - 1;
  const rate = (sequences * 1000) / best.loop;
  process.stderr.write(
    `${sequences} sequences: ${best.bare.toFixed(2)} ms decoding, ${best.loop.toFixed(2)} ms a step, ${rate.toFixed(0)} tokens/s\n`,
  );
  figures.push(atMost(`overhead at ${sequences}`, share, 'ratio', goal));
  figures.push(told(`loop at ${sequences}`, rate, 'tokens/s'));
  await context.dispose();
}
report('loop', figures);
process.exit();

/** Milliseconds a step, of each stretch, decoding one token of each sequence and nothing else. */
async function decodeOnly(
  context: NativeContext,
  sequences: number,
  segments: readonly Segment[],
): Promise<number[]> {
  for (let sequence = 0; sequence < sequences; sequence++) {
    context.disposeSequence(sequence);
    context.initBatch(PROMPT);
    context.addToBatch(sequence, 0, prompt(sequence), new Uint32Array(0));
    await context.decodeBatch();
  }
  const starts: number[] = [];
  for (let token = 0; token < TOKENS; token++) {
    starts.push(performance.now());
    for (const { from, to } of segments) {
      context.initBatch(to - from);
      for (let sequence = from; sequence < to; sequence++) {
        context.addToBatch(sequence, PROMPT + token, Uint32Array.of(300 + token), Uint32Array.of(0));
      }
      await context.decodeBatch();
    }
  }
  return stretches(starts);
}

/** Milliseconds a step of the loop, of each stretch. */
async function runLoop(context: NativeContext, sequences: number, planner: BatchPlanner): Promise<number[]> {
  for (let sequence = 0; sequence < sequences; sequence++) context.disposeSequence(sequence);
  let running = sequences;
  let started = 0;
  const starts: number[] = [];
  const loop = new StepLoop(
    context,
    { sequences, contextSize: CONTEXT, prefillChunk: 128, tokensPerSecond: 0 },
    planner,
    logprobs,
    (message: FromChild) => {
      if (message.type !== 'step') return;
      for (const event of message.events) {
        if (event.finish !== undefined) running--;
        else if (started < sequences) started++;
      }
      const all = started === sequences && running === sequences;
      if (all && message.events.some(({ id }) => id === 0)) starts.push(performance.now());
      if (running === 0) loop.stop();
    },
  );
  for (let id = 0; id < sequences; id++) {
    const tokens = prompt(id);
    const sampler = new TokenSampler(samplers, sampling, tokens, CONTEXT);
    const request = { id, prompt: { tokens: [] }, maxTokens: TOKENS, sampling, stop: [], resume: [] };
    loop.add(new GenerationRun(request, tokens, sampler, vocabulary, CONTEXT));
  }
  await loop.run();
  return stretches(starts);
}

function stretches(starts: readonly number[]): number[] {
  return starts.flatMap((start, index) => {
    const end = starts[index + STRETCH];
    return end === undefined ? [] : [(end - start) / STRETCH];
  });
}

function prompt(sequence: number): Uint32Array {
  return Uint32Array.from({ length: PROMPT }, (_, index) => 300 + sequence * PROMPT + index);
}
