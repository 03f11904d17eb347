import type { FetchProgress } from '../models/model-store.js';

const BAR_WIDTH = 24;
/** Milliseconds between two pictures in a terminal. */
const REDRAW = 200;
/** Milliseconds between two lines where nobody watches. */
const LINE_EVERY = 10_000;

/** Shows the progress of fetching: a bar in a terminal, now and then a line elsewhere. */
export class FetchDisplay {
  private last = { at: Number.NEGATIVE_INFINITY, phase: '', bytes: 0 };
  private drawn = false;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  progress(model: string, progress: FetchProgress): void {
    const now = performance.now();
    const { at, phase, bytes } = this.last;
    const wait = this.stream.isTTY ? REDRAW : LINE_EVERY;
    if (now - at < wait && progress.phase === phase) return;
    const seconds = (now - at) / 1000;
    const rate = progress.phase === phase && at > 0 ? (progress.receivedBytes - bytes) / seconds : undefined;
    this.last = { at: now, phase: progress.phase, bytes: progress.receivedBytes };
    this.draw(`${model}  ${describe(progress, this.stream.isTTY, rate)}`);
  }

  /** A line of its own, which stays. */
  line(text: string): void {
    this.clear();
    this.stream.write(`${text}\n`);
  }

  clear(): void {
    if (this.drawn) this.stream.write('\r\u001b[2K');
    this.drawn = false;
    this.last = { at: Number.NEGATIVE_INFINITY, phase: '', bytes: 0 };
  }

  private draw(text: string): void {
    if (!this.stream.isTTY) {
      this.stream.write(`${text}\n`);
      return;
    }
    this.stream.write(`\r\u001b[2K${text.slice(0, Math.max(20, this.stream.columns - 1))}`);
    this.drawn = true;
  }
}

const VERBS = {
  fetching: 'fetching',
  waiting: 'another node is fetching',
  verifying: 'verifying',
} as const satisfies Record<FetchProgress['phase'], string>;

function describe(
  { phase, receivedBytes, totalBytes }: FetchProgress,
  withBar: boolean,
  rate?: number,
): string {
  const amount =
    totalBytes === undefined ? bytes(receivedBytes) : `${bytes(receivedBytes)} of ${bytes(totalBytes)}`;
  const speed = rate === undefined || rate <= 0 ? '' : `  ${bytes(rate)}/s`;
  if (totalBytes === undefined || totalBytes === 0) return `${VERBS[phase]}  ${amount}${speed}`;
  const share = Math.min(1, receivedBytes / totalBytes);
  const full = Math.round(share * BAR_WIDTH);
  const bar = withBar ? `${'━'.repeat(full)}${'─'.repeat(BAR_WIDTH - full)} ` : '';
  return `${VERBS[phase]}  ${bar}${Math.floor(share * 100)} %  ${amount}${speed}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** An amount of bytes as people write it. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(value < 10 ? 2 : 1)} ${UNITS[unit]}`;
}
