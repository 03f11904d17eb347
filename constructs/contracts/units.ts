/**
 * Values that people write with a unit, as Kubernetes does: read once into a number to reckon with, while the text
 * as written goes into manifests. Nothing here throws: a fault says the reason and the mend, and whoever knows the
 * field's path makes a problem of it.
 */

/** Why a text is not the value that a field wants, and what to write instead. */
export interface Fault {
  readonly reason: string;
  readonly mend: string;
}

/** A value that was read, or why it could not be. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false } & { readonly fault: Fault });

/** An amount of memory or storage. */
export interface ByteSize {
  /** As a Kubernetes quantity: `16Gi`. */
  readonly text: string;
  readonly bytes: number;
}

/** A span of time. */
export interface Duration {
  /** As written: `90s`, `1h30m`. */
  readonly text: string;
  readonly seconds: number;
}

/** Processing time a second: 1 is one core (or hyper-thread). */
export interface Cpu {
  /** As a Kubernetes quantity: `500m`, `2`. */
  readonly text: string;
  readonly cores: number;
}

const BYTE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
};
const SECOND_UNITS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001 };
const MEBIBYTE = 2 ** 20;
/** No machine that Kubernetes runs on has more. A larger number was meant as millicores. */
const MAX_CORES = 1024;

/** Pattern of a size, for JSON Schemas. */
export const BYTE_SIZE_PATTERN = '^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)$';
/** Pattern of a duration, for JSON Schemas. */
export const DURATION_PATTERN = '^([0-9]+(\\.[0-9]+)?(h|m|s|ms))+$';
/** Pattern of an amount of CPU, for JSON Schemas. */
export const CPU_PATTERN = '^([0-9]+(\\.[0-9]{1,3})?|[0-9]+m)$';

const good = <T>(value: T): Parsed<T> => ({ ok: true, value });
const bad = <T>(reason: string, mend: string): Parsed<T> => ({ ok: false, fault: { reason, mend } });

/**
 * Reads a size such as `16Gi` (16 × 2³⁰) or `16G` (16 × 10⁹); a bare number is bytes. Refuses what Kubernetes would
 * refuse or, worse, take for something else: `16GB`, `512m` (thousandths of a byte), 16 (bytes).
 */
export function parseByteSize(input: unknown): Parsed<ByteSize> {
  if (typeof input === 'number') return bareBytes(input, String(input));
  if (typeof input !== 'string')
    return bad(`must be a size, not ${typeOf(input)}`, 'write a size such as 16Gi');
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)$/.exec(input.trim());
  if (match === null) return bad('is not a size', 'write a number and a unit, such as 16Gi or 500M');
  const [, digits = '', unit = ''] = match;
  if (unit === '') return bareBytes(Number(digits), digits);
  const factor = BYTE_UNITS[unit];
  if (factor === undefined || input !== `${digits}${unit}`) return bad(...foreignUnit(digits, unit));
  return good({ text: input, bytes: Math.ceil(Number(digits) * factor) });
}

function bareBytes(bytes: number, digits: string): Parsed<ByteSize> {
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    return bad('is not a size', 'write a number and a unit, such as 16Gi');
  }
  if (bytes < MEBIBYTE) {
    return bad(`would be ${digits} bytes, since it has no unit`, `did you mean ${digits}Gi or ${digits}Mi?`);
  }
  return good({ text: String(bytes), bytes });
}

function foreignUnit(digits: string, unit: string): [string, string] {
  if (unit === 'm') {
    return [
      'would be thousandths of a byte: the unit m means milli',
      `did you mean ${digits}Mi (${digits} × 2^20)?`,
    ];
  }
  const prefix = /^([kmgtp])(i?)b?$/i.exec(unit);
  if (prefix === null) {
    return [
      `has the unit ${unit}, which is none of size`,
      'units are Ki, Mi, Gi, Ti (powers of 1024) and k, M, G, T',
    ];
  }
  const letter = (prefix[1] ?? '').toUpperCase();
  const power = 'KMGTP'.indexOf(letter) + 1;
  const decimal = letter === 'K' ? 'k' : letter;
  const binary = `${digits}${letter}i (${digits} × 2^${power * 10})`;
  const reason = `has the unit ${unit}, which Kubernetes does not know`;
  const mend =
    prefix[2] === ''
      ? `did you mean ${binary} or ${digits}${decimal} (${digits} × 10^${power * 3})?`
      : `did you mean ${binary}?`;
  return [reason, mend];
}

/** Writes bytes as the shortest exact quantity: `formatByteSize(17179869184)` is `16Gi`. */
export function formatByteSize(bytes: number): string {
  for (const unit of ['Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const) {
    const factor = BYTE_UNITS[unit] ?? 1;
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}

/** A size of so many bytes, rounded up to whole units of `step` (a GiB by default). */
export function byteSizeOf(bytes: number, step = 2 ** 30): ByteSize {
  const whole = Math.ceil(bytes / step) * step;
  return { text: formatByteSize(whole), bytes: whole };
}

/** Reads a duration such as `90s`, `15m` or `1h30m`. A bare number is refused: nobody can tell its unit. */
export function parseDuration(input: unknown): Parsed<Duration> {
  if (typeof input === 'number') {
    return bad('has no unit', `did you mean ${input}s or ${input}m?`);
  }
  if (typeof input !== 'string')
    return bad(`must be a duration, not ${typeOf(input)}`, 'write one such as 90s or 15m');
  const text = input.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return bad('has no unit', `did you mean ${text}s or ${text}m?`);
  if (/^P/i.test(text))
    return bad('is an ISO 8601 duration', `write it as Kubernetes does: ${isoMend(text)}`);
  if (!/^(\d+(\.\d+)?[a-zA-Z]+)+$/.test(text))
    return bad('is not a duration', 'write one such as 90s, 15m or 1h30m');
  let seconds = 0;
  for (const [, digits = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)([a-zA-Z]+)/g)) {
    const factor = SECOND_UNITS[unit];
    if (factor === undefined || unit === 'd') return bad(...foreignTime(digits, unit));
    seconds += Number(digits) * factor;
  }
  return good({ text, seconds });
}

function foreignTime(digits: string, unit: string): [string, string] {
  const reason = `has the unit ${unit}; the units of time are h, m, s and ms`;
  if (/^d(ays?)?$/i.test(unit)) return [reason, `did you mean ${Number(digits) * 24}h?`];
  const letter = /^(h|hrs?|hours?)$/i.test(unit) ? 'h' : /^(m|mins?|minutes?)$/i.test(unit) ? 'm' : 's';
  return /^[hms]/i.test(unit)
    ? [reason, `did you mean ${digits}${letter}?`]
    : [reason, 'write one such as 90s or 15m'];
}

function isoMend(text: string): string {
  const [date = '', time = ''] = text.slice(1).toLowerCase().split('t');
  const days = /^(\d+)d$/.exec(date)?.[1];
  const written = `${days === undefined ? '' : `${Number(days) * 24}h`}${time}`;
  return /^(\d+(\.\d+)?[hms])+$/.test(written) ? written : '90s';
}

/** Writes seconds as the shortest exact duration: `formatDuration(90)` is `90s`, `formatDuration(900)` is `15m`. */
export function formatDuration(seconds: number): string {
  if (seconds > 0 && seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds > 0 && seconds % 60 === 0) return `${seconds / 60}m`;
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}

/** A duration of so many seconds. */
export function durationOf(seconds: number): Duration {
  return { text: formatDuration(seconds), seconds };
}

/** Reads an amount of CPU: `500m`, `0.5`, 2. Kubernetes counts thousandths of a core, no finer. */
export function parseCpu(input: unknown): Parsed<Cpu> {
  if (typeof input !== 'string' && typeof input !== 'number') {
    return bad(`must be an amount of CPU, not ${typeOf(input)}`, 'write cores, such as 2 or 500m');
  }
  const text = String(input).trim();
  const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Zµ ]*)$/.exec(text);
  if (match === null) return bad('is not an amount of CPU', 'write cores, such as 2 or 500m');
  const [, digits = '', unit = ''] = match;
  if (unit !== '' && unit !== 'm') {
    return bad(
      `has the unit ${unit}, which Kubernetes does not know`,
      `did you mean ${digits} (cores) or ${digits}m (thousandths)?`,
    );
  }
  const cores = unit === 'm' ? Number(digits) / 1000 : Number(digits);
  if (cores > MAX_CORES)
    return bad(`would be ${digits} cores`, `did you mean ${digits}m (thousandths of a core)?`);
  if (cores <= 0 || !Number.isInteger(Math.round(cores * 1e6) / 1e3)) {
    return bad('is finer than a thousandth of a core, or nothing', 'write cores, such as 2 or 500m');
  }
  return good({ text, cores });
}

/** Writes cores as a quantity: `formatCpu(0.5)` is `500m`. */
export function formatCpu(cores: number): string {
  return Number.isInteger(cores) ? String(cores) : `${Math.round(cores * 1000)}m`;
}

/** An amount of so many cores. */
export function cpuOf(cores: number): Cpu {
  return { text: formatCpu(cores), cores };
}

/** What a value is, in words for a message. */
export function typeOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'true or false' : `a ${typeof value}`;
}
