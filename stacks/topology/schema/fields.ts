import * as z from 'zod';
import { isAddress, parseCidr } from '../../../constructs/contracts/cidr';
import { meant } from '../../../constructs/contracts/closest';
import {
  DNS_LABEL_PATTERN,
  DNS_SUBDOMAIN_PATTERN,
  dnsLabelFault,
  dnsSubdomainFault,
  hostNameFault,
  labelKeyFault,
  labelValueFault,
} from '../../../constructs/contracts/names';
import {
  BYTE_SIZE_PATTERN,
  type ByteSize,
  CPU_PATTERN,
  type Cpu,
  DURATION_PATTERN,
  type Duration,
  type Fault,
  formatDuration,
  type Parsed,
  parseByteSize,
  parseCpu,
  parseDuration,
} from '../../../constructs/contracts/units';

/** Text or a number in the file, a parsed value behind it. */
export function parsed<I extends string | number, T>(
  parse: (input: unknown) => Parsed<T>,
  shape: Record<string, unknown>,
) {
  return z
    .custom<I>()
    .transform((input, context): T => {
      const result = parse(input);
      if (result.ok) return result.value;
      context.issues.push(faultIssue(result.fault, input));
      return z.NEVER;
    })
    .meta(shape);
}

/** A fault as an issue that carries its mend. */
function faultIssue({ reason, mend }: Fault, input: unknown) {
  return { code: 'custom' as const, message: reason, params: { mend }, input };
}

/** Text that a function examines. */
export function text(fault: (value: string) => Fault | undefined, shape: Record<string, unknown> = {}) {
  return z
    .string()
    .check((context) => {
      const found = fault(context.value);
      if (found === undefined) return;
      context.issues.push(faultIssue(found, context.value));
    })
    .meta(shape);
}

/** One of some words; others that one might write are refused with their own reason. */
export const wordOf = <W extends string>(words: readonly W[], refused: Readonly<Record<string, Fault>>) =>
  parsed<W, W>(
    (input) => {
      const word = words.find((one) => one === input);
      if (word !== undefined) return { ok: true, value: word };
      const known = typeof input === 'string' && Object.hasOwn(refused, input) ? refused[input] : undefined;
      const mend = meant(input, words, 'write one of');
      return { ok: false, fault: known ?? { reason: 'is none of the values for this field', mend } };
    },
    { type: 'string', enum: words },
  );

/** Either a word such as `all`, or something longer. */
export function wordOr<W extends string, S extends z.ZodType>(word: W, schema: S) {
  return z.union([z.literal(word), schema]);
}

/** A strict map: any other key is refused. */
export const map = z.strictObject;

export const byteSize = () =>
  parsed<string | number, ByteSize>(parseByteSize, {
    type: ['string', 'integer'],
    pattern: BYTE_SIZE_PATTERN,
    examples: ['16Gi', '4683Mi'],
  });

/** A duration in whole seconds, as all fields of Kubernetes that it ends in. */
export const duration = (minimum = 1, maximum = 359_999) =>
  parsed<string, Duration>(
    (input) => {
      const result = parseDuration(input);
      if (!result.ok) return result;
      const { seconds } = result.value;
      const [reason, mend] =
        seconds < minimum
          ? ['is too short', `write at least ${formatDuration(minimum)}`]
          : seconds > maximum
            ? ['is too long', `write at most ${formatDuration(maximum)}`]
            : ['is not whole seconds', `did you mean ${formatDuration(Math.ceil(seconds))}?`];
      const fine = seconds >= minimum && seconds <= maximum && Number.isInteger(seconds);
      return fine ? result : { ok: false, fault: { reason, mend } };
    },
    { type: 'string', pattern: DURATION_PATTERN, examples: ['90s', '15m', '1h30m'] },
  );

export const cpu = () =>
  parsed<string | number, Cpu>(parseCpu, {
    type: ['string', 'number'],
    pattern: CPU_PATTERN,
    examples: [4, '500m'],
  });

export const count = (minimum = 1, maximum = 10_000) => z.int().min(minimum).max(maximum);

export const percent = () => z.int().min(1).max(100);

/** A number of pods, or a percentage of them. */
export const countOrPercent = () =>
  z
    .union([z.int().min(0).max(1000), text(percentageFault, { pattern: '^(100|[1-9]?[0-9])%$' })])
    .meta({ examples: [1, '25%'] });

const percentageFault = (value: string) =>
  /^(100|[1-9]?\d)%$/.test(value)
    ? undefined
    : { reason: 'is not a percentage', mend: 'write a number such as 1, or one such as "25%"' };

export const port = () => z.int().min(1).max(65_535);

export const dnsLabel = () => text(dnsLabelFault, { pattern: DNS_LABEL_PATTERN });

export const dnsSubdomain = () => text(dnsSubdomainFault, { pattern: DNS_SUBDOMAIN_PATTERN });

/** A host to connect to: a name, or an IP address. */
export const serverHost = () => text((value) => (isAddress(value) ? undefined : hostNameFault(value)));

/** A host that a route answers for, optionally `*.example.com`. */
export const routeHost = () => text((value) => hostNameFault(value, { wildcard: true }));

export const cidr = () =>
  text(
    (value) => {
      const result = parseCidr(value);
      return result.ok ? undefined : result.fault;
    },
    { examples: ['10.0.16.0/20', '2001:db8::/32'] },
  );

/** Text that must not be empty. */
export const someText = () => z.string().min(1);

export const labels = () => z.record(text(labelKeyFault), text(labelValueFault));
