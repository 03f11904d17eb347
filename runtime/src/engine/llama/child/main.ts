import { EngineError } from '../../engine-error.js';
import type { ChildOptions, FromChild, ToChild } from '../protocol.js';
import { loadChild } from './load.js';

/** The engine's process: one model, one context, driven by messages from the node that started it. */
const options: ChildOptions = JSON.parse(process.argv[2] ?? '{}');

// Without its node the engine has no purpose. Ctrl-C reaches the whole process group; the node decides when to stop.
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

const send = (message: FromChild) => process.send?.(message);

try {
  const child = await loadChild(options, send);
  process.on('message', (message: ToChild) => child.handle(message));
  send(child.ready);
  await child.run();
  process.exit(0);
} catch (error) {
  const code = error instanceof EngineError ? error.code : 'unavailable';
  const message = error instanceof Error ? error.message : String(error);
  send({ type: 'failed', code, message });
  process.exitCode = 1;
  process.disconnect();
}
