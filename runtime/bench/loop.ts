/**
 * What a step of the engine's loop costs beside decoding: sampling, and what passing from thread to thread takes. Text
 * is made and reported while the next step decodes; what that doesn't hide counts, too. Each step is compared with its
 * own decoding, and the figure is the median of all steps of the middle one of three rounds, so that it says little of
 * what else the machine does.
 */
import { BatchPlanner } from '../src/engine/llama/child/batch-planner.js';
import { loadBindings } from '../src/engine/llama/child/bindings.js';
import { GenerationRun } from '../src/engine/llama/child/generation-run.js';
import { SharedSamplers } from '../src/engine/llama/child/shared-samplers.js';
import { StepLoop } from '../src/engine/llama/child/step-loop.js';
import { LogprobReader, TokenSampler } from '../src/engine/llama/child/token-sampler.js';
import { Vocabulary } from '../src/engine/llama/child/vocabulary.js';
import type { FromChild } from '../src/engine/llama/protocol.js';
import { PARAMETERS_68M } from '../src/models/gguf/random-model.js';
import { GREEDY } from '../test/support/models.js';
import { benchModel } from './bench-model.js';
import { atMost, type Figure, quantile, report, told } from './report.js';

const TOKENS = Number(process.env.BENCH_TOKENS ?? 200);
const CONTEXT = 512;
const PROMPT = 16;
const ROUNDS = 3;
/** Share of a step outside decoding that is allowed, by the number of sequences. */
const GOALS = new Map([
  [1, 0.1],
  [4, 0.1],
  [8, 0.1],
  [16, 0.05],
]);

interface Round {
  readonly step: number;
  readonly outside: number;
}

const path = await benchModel();
const bindings = await loadBindings(false, () => {});

/** Adds up how long it decodes. */
class TimedContext extends bindings.AddonContext {
  decodingMilliseconds = 0;

  override async decodeBatch(): Promise<void> {
    const start = performance.now();
    await super.decodeBatch();
    this.decodingMilliseconds += performance.now() - start;
  }
}

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

const figures: Figure[] = [];
for (const [sequences, goal] of GOALS) {
  const context = new TimedContext(native, {
    contextSize: CONTEXT * sequences,
    batchSize: 128,
    sequences,
    threads: 1,
    flashAttention: 'auto',
  });
  await context.init();
  const planner = await BatchPlanner.measure(context, sequences);
  const greedy: Round[] = [];
  const drawn: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    greedy.push(await runLoop(context, sequences, planner, 0));
    drawn.push(await runLoop(context, sequences, planner, 1));
  }
  figures.push(
    atMost(`outside decoding at ${sequences}`, median(greedy, 'outside'), 'ratio', goal),
    told(`the same at temperature 1`, median(drawn, 'outside'), 'ratio'),
    told(`loop at ${sequences}`, (sequences * 1000) / median(greedy, 'step'), 'tokens/s'),
  );
  process.stderr.write(
    `${figures
      .slice(-3)
      .map(({ name, value }) => `${name}: ${value}`)
      .join(', ')}\n`,
  );
  await context.dispose();
}
report('loop', figures);
process.exit();

function median(rounds: readonly Round[], figure: keyof Round): number {
  return quantile(
    rounds.map((round) => round[figure]),
    0.5,
  );
}

/** Of the median step while all sequences run: milliseconds, and what it does beside decoding for each of decoding. */
async function runLoop(
  context: TimedContext,
  sequences: number,
  planner: BatchPlanner,
  temperature: number,
): Promise<Round> {
  for (let sequence = 0; sequence < sequences; sequence++) context.disposeSequence(sequence);
  let running = sequences;
  let started = 0;
  const steps: { readonly at: number; readonly decoded: number }[] = [];
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
      if (all && message.events.some(({ id }) => id === 0))
        steps.push({ at: performance.now(), decoded: context.decodingMilliseconds });
      if (running === 0) loop.stop();
    },
  );
  const sampling = { ...GREEDY, temperature, logitBias: { 257: -100 }, seed: 1 };
  for (let id = 0; id < sequences; id++) {
    const tokens = Uint32Array.from({ length: PROMPT }, (_, index) => 300 + id * PROMPT + index);
    const sampler = new TokenSampler(samplers, sampling, tokens, CONTEXT);
    const request = { id, prompt: { tokens: [] }, maxTokens: TOKENS, sampling, stop: [], resume: [] };
    loop.add(new GenerationRun(request, tokens, sampler, vocabulary, CONTEXT));
  }
  await loop.run();
  const intervals = steps.slice(1).map(({ at, decoded }, index) => {
    const before = steps[index];
    const step = at - (before?.at ?? at);
    return { step, decoding: decoded - (before?.decoded ?? decoded) };
  });
  return {
    step: quantile(
      intervals.map(({ step }) => step),
      0.5,
    ),
    outside: quantile(
      intervals.map(({ step, decoding }) => step / decoding - 1),
      0.5,
    ),
  };
}
