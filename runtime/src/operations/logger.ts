import { type Logger, pino } from 'pino';

/** Logs JSON, a line an event, to standard output. What could be a credential is blanked wherever it turns up. */
export function createLogger(level: string, node: string): Logger {
  return pino({
    level,
    base: { node },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['authorization', 'password', 'token', 'secret'].flatMap((key) => [
      key,
      `*.${key}`,
      `*.*.${key}`,
    ]),
  });
}
