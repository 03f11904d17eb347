import { z } from 'zod';
import { parseCidr } from '../../../constructs/contracts/cidr';
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
  CPU_PATTERN,
  DURATION_PATTERN,
  type Fault,
  type Parsed,
  parseByteSize,
  parseCpu,
  parseDuration,
} from '../../../constructs/contracts/units';

/** A value with a unit: text or number in the file, a parsed value behind it. */
function unit<T>(parse: (input: unknown) => Parsed<T>, shape: Record<string, unknown>) {
  return z
    .custom<string | number>()
    .transform((input, context): T => {
      const parsed = parse(input);
      if (parsed.ok) return parsed.value;
      const { reason, mend } = parsed.fault;
      context.issues.push({ code: 'custom', message: reason, params: { mend }, input });
      return z.NEVER;
    })
    .meta(shape);
}

/** Text that a function examines. */
export function text(fault: (value: string) => Fault | undefined, shape: Record<string, unknown> = {}) {
  return z
    .string()
    .check((context) => {
      const found = fault(context.value);
      if (found === undefined) return;
      const { reason, mend } = found;
      context.issues.push({ code: 'custom', message: reason, params: { mend }, input: context.value });
    })
    .meta(shape);
}

/** Either a word such as `all`, or something longer. */
export function wordOr<W extends string, S extends z.ZodType>(word: W, schema: S) {
  return z.union([z.literal(word), schema]);
}

/** A strict map: any other key is refused. */
export const map = z.strictObject;

export const byteSize = () =>
  unit(parseByteSize, {
    type: ['string', 'integer'],
    pattern: BYTE_SIZE_PATTERN,
    examples: ['16Gi', '4683Mi'],
  });

export const duration = () =>
  unit(parseDuration, { type: 'string', pattern: DURATION_PATTERN, examples: ['90s', '15m', '1h30m'] });

export const cpu = () =>
  unit(parseCpu, { type: ['string', 'number'], pattern: CPU_PATTERN, examples: [4, '500m'] });

export const count = (minimum = 1, maximum = 10_000) => z.int().min(minimum).max(maximum);

export const percent = () => z.int().min(1).max(100);

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
      const parsed = parseCidr(value);
      return parsed.ok ? undefined : parsed.fault;
    },
    { examples: ['10.0.16.0/20', '2001:db8::/32'] },
  );

/** A file's text that must not be empty. */
export const someText = () => z.string().min(1);

export const labels = () => z.record(text(labelKeyFault), text(labelValueFault));

const isAddress = (value: string) =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(value) || /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(value);
