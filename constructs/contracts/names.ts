import type { Fault } from './units';

/** Pattern of a DNS-1123 label: the name of a namespace, most objects' safest name. */
export const DNS_LABEL_PATTERN = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$';
/** Pattern of a DNS-1123 subdomain: the name of a Secret, a StorageClass, a PersistentVolumeClaim. */
export const DNS_SUBDOMAIN_PATTERN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';

const LABEL = new RegExp(DNS_LABEL_PATTERN);
const SUBDOMAIN = new RegExp(DNS_SUBDOMAIN_PATTERN);
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Whether a text can name a namespace (DNS-1123 label, at most 63 characters). */
export function dnsLabelFault(text: string): Fault | undefined {
  if (LABEL.test(text)) return undefined;
  const reason =
    'is not a DNS label: lower-case letters, digits and "-", at most 63, a letter or digit at both ends';
  return { reason, mend: suggestion(text, 63, /[^-a-z0-9]+/g, LABEL) };
}

/** Whether a text can name a Secret, a class or a claim (DNS-1123 subdomain, at most 253 characters). */
export function dnsSubdomainFault(text: string): Fault | undefined {
  if (text.length <= 253 && SUBDOMAIN.test(text)) return undefined;
  const reason = 'is not a DNS name: lower-case letters, digits, "-" and ".", at most 253';
  return { reason, mend: suggestion(text, 253, /[^-a-z0-9.]+/g, SUBDOMAIN) };
}

/** Whether a text is a host name as a route or a server has it, optionally with a leading `*.`. */
export function hostNameFault(
  text: string,
  options: { readonly wildcard?: boolean } = {},
): Fault | undefined {
  if (/^[a-z]+:\/\//i.test(text) || text.includes('/')) {
    const host = text.replace(/^[a-z]+:\/\//i, '').replace(/[:/].*$/, '');
    return {
      reason: 'is a URL; a host name is meant',
      mend: host ? `did you mean ${host}?` : 'write only the host',
    };
  }
  if (/:\d+$/.test(text)) {
    return { reason: 'has a port; a host name is meant', mend: `did you mean ${text.replace(/:\d+$/, '')}?` };
  }
  const name = options.wildcard && text.startsWith('*.') ? text.slice(2) : text;
  const labels = name.split('.');
  if (name.length > 0 && name.length <= 253 && labels.every((label) => LABEL.test(label))) return undefined;
  return {
    reason: 'is not a host name',
    mend: suggestion(text, 253, options.wildcard ? /[^-a-z0-9.*]+/g : /[^-a-z0-9.]+/g, SUBDOMAIN),
  };
}

/** Whether a text can be a label's key: an optional DNS prefix and `/`, and a name of at most 63 characters. */
export function labelKeyFault(text: string): Fault | undefined {
  const parts = text.split('/');
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  if (parts.length <= 2 && QUALIFIED.test(name) && (prefix === undefined || !dnsSubdomainFault(prefix)))
    return undefined;
  return {
    reason: 'is not the key of a label',
    mend: 'write a name of letters, digits, "-", "_" and ".", with an optional prefix such as example.com/',
  };
}

/** Whether a text can be a label's value: empty, or at most 63 letters, digits, `-`, `_` and `.`. */
export function labelValueFault(text: string): Fault | undefined {
  if (text === '' || QUALIFIED.test(text)) return undefined;
  return {
    reason: 'is not the value of a label: at most 63 letters, digits, "-", "_" and "."',
    mend: 'shorten it, or use an annotation instead',
  };
}

function suggestion(text: string, length: number, strange: RegExp, wanted: RegExp): string {
  const tidy = text
    .trim()
    .toLowerCase()
    .replace(strange, '-')
    .slice(0, length)
    .replace(/^[-.]+|[-.]+$/g, '');
  return tidy !== text && wanted.test(tidy) ? `did you mean ${tidy}?` : 'write a name such as chat-1';
}
