import { type Logger, pino } from 'pino';
import { textLog } from './text-log.js';

export interface LoggerOptions {
  readonly level: string;
  /** On every line of JSON. */
  readonly node: string;
  readonly format: LogFormat;
}

export type LogFormat = 'json' | 'text';

/**
 * Logs an event a line to standard output: JSON for machines, text for people. What could be a credential is blanked
 * wherever it turns up.
 */
export function createLogger({ level, node, format }: LoggerOptions): Logger {
  const options = {
    level,
    base: { node },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['authorization', 'password', 'token', 'secret'].flatMap((key) => [
      key,
      `*.${key}`,
      `*.*.${key}`,
    ]),
  };
  return format === 'text' ? pino(options, textLog(process.stdout)) : pino(options);
}

/** Text for whoever sits at a terminal or has typed `npm start`; JSON elsewhere, such as in a container. */
export function defaultLogFormat(environment: NodeJS.ProcessEnv): LogFormat {
  return process.stdout.isTTY || environment.npm_lifecycle_event === 'start' ? 'text' : 'json';
}
