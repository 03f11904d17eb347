import { Writable } from 'node:stream';
import { isRecord } from '../config/environment.js';

/** What a person at a terminal does not ask for. */
const UNTOLD = new Set(['level', 'time', 'node', 'msg', 'err', 'reqId']);

/** Writes pino's lines of JSON for people: the time, what happened, and what belongs to it. */
export function textLog(out: NodeJS.WritableStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(line, _encoding, done) {
      out.write(lineOf(String(line)), done);
    },
  });
}

function lineOf(line: string): string {
  const entry: unknown = JSON.parse(line);
  if (!isRecord(entry)) return line;
  const { level, msg, err } = entry;
  const details = Object.entries(entry)
    .filter(([key, value]) => !UNTOLD.has(key) && value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const time = new Date(String(entry.time)).toTimeString().slice(0, 8);
  const kind = level === 'info' ? '' : `${String(level)}: `;
  const text = [`${time}  ${kind}${String(msg)}`, ...details].join('  ');
  return `${text}${isRecord(err) ? describe(err, level === 'error') : ''}\n`;
}

/** The trace is for what nobody expected. */
function describe({ message, stack }: Record<string, unknown>, withStack: boolean): string {
  return withStack && typeof stack === 'string' ? `\n${stack}` : `: ${String(message)}`;
}
