import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { EngineError } from '../engine-error.js';
import type { ChildOptions, FromChild, ReadyMessage, ToChild } from './protocol.js';

const ENTRY = fileURLToPath(new URL('./child/main.js', import.meta.url));

/**
 * Threads of libuv's that decode and sample, unless the environment says otherwise: more than there are processors would
 * only wait for each other. On two processors, at 16 sequences and temperature 1, a step costs 16 % beside decoding with
 * two threads, 27 % with one (`npm run bench:loop`).
 */
export const ENGINE_ENVIRONMENT = {
  UV_THREADPOOL_SIZE: String(Math.min(4, Math.max(2, availableParallelism()))),
  ...process.env,
};

/** How long a child may take to finish its step and leave. */
const STOP_MILLISECONDS = 5_000;

export interface ChildListener {
  onProgress(progress: number): void;
  onMessage(message: FromChild): void;
  /** The process is gone, wanted or not, after it was ready. */
  onExit(reason: string): void;
}

/** The process in which one model runs. */
export class EngineProcess {
  private killedFor: string | undefined;

  private constructor(
    private readonly child: ChildProcess,
    readonly ready: ReadyMessage,
  ) {}

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Starts the process and loads the model. Aborting `signal` gives the load up. */
  static start(options: ChildOptions, listener: ChildListener, signal: AbortSignal): Promise<EngineProcess> {
    const child = fork(ENTRY, [JSON.stringify(options)], {
      serialization: 'advanced',
      env: ENGINE_ENVIRONMENT,
      // llama.cpp writes where it likes; what matters comes as messages.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const giveUp = () => child.kill('SIGKILL');
    signal.addEventListener('abort', giveUp);
    const complaints: string[] = [];
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaints.push(text);
      if (complaints.length > 20) complaints.shift();
    });

    return new Promise((resolve, reject) => {
      let failure: EngineError | undefined;
      let process: EngineProcess | undefined;
      child.on('message', (message: FromChild) => {
        if (message.type === 'progress') listener.onProgress(message.progress);
        else if (message.type === 'ready') {
          process = new EngineProcess(child, message);
          signal.removeEventListener('abort', giveUp);
          resolve(process);
        } else if (message.type === 'failed') failure = new EngineError(message.code, message.message);
        else listener.onMessage(message);
      });
      child.on('error', (error) => {
        failure ??= new EngineError(
          'unavailable',
          `The engine's process could not be started: ${error.message}`,
        );
      });
      child.on('close', (code, signal) => {
        const killed = process?.killedFor === undefined ? '' : `, since ${process.killedFor}`;
        const end = signal ? `was ended by ${signal}${killed}` : `left with exit code ${code}`;
        const reason =
          failure?.message ?? `The engine's process ${end}. ${complaints.join('').trim().slice(-500)}`.trim();
        if (process) listener.onExit(reason);
        else reject(failure ?? new EngineError('unavailable', reason));
      });
    });
  }

  send(message: ToChild): void {
    if (this.child.connected) this.child.send(message);
  }

  /** Ends the process at once. Its exit is told with this reason. */
  kill(reason: string): void {
    this.killedFor = reason;
    this.child.kill('SIGKILL');
  }

  /** Lets the current step end, then waits until the process is gone. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.child.once('close', () => resolve()));
    this.send({ type: 'stop' });
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MILLISECONDS);
    await gone;
    clearTimeout(timer);
  }
}
