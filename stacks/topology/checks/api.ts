import type { Problem } from '../../../constructs/contracts/problem';
import type { Api } from '../schema/api';
import { problem } from './check';

/**
 * What is wrong with where an API is, and with the way to it: it must be said once, the network policy must let it be,
 * and no key may cross networks in clear text.
 */
export function* apiProblems(path: string, { runtime, url, cidrs, port, apiKey }: Api): Iterable<Problem> {
  if (runtime !== undefined && url !== undefined) {
    yield problem(`${path}.url`, url, 'stands beside runtime', 'keep one of the two');
  } else if (runtime === undefined && url === undefined) {
    const mend = 'name an Inference topology, { name: chat }, or write url';
    yield problem(`${path}.runtime`, undefined, 'is missing, and url is, too', mend);
  }
  if (url !== undefined && cidrs === undefined) {
    const reason = 'is missing: the network policy would block the API';
    yield problem(`${path}.cidrs`, undefined, reason, 'write the CIDR blocks that it answers from');
  }
  for (const [index, block] of (cidrs ?? []).entries()) {
    if (!block.endsWith('/0')) continue;
    yield problem(
      `${path}.cidrs[${index}]`,
      block,
      'is the whole internet',
      'write the blocks that are meant',
    );
  }
  if (runtime !== undefined && url === undefined) {
    for (const [field, value] of Object.entries({ cidrs, port })) {
      if (value === undefined) continue;
      yield problem(`${path}.${field}`, undefined, 'has no effect with runtime', 'take it out');
    }
  }
  if (url?.startsWith('http:') && apiKey !== undefined && !isInCluster(url)) {
    const reason = 'sends the key in clear text out of the cluster';
    yield problem(`${path}.url`, url, reason, `did you mean ${url.replace('http:', 'https:')}?`);
  }
}

const isInCluster = (url: string) => /\.svc(\.cluster\.local)?$/.test(new URL(url).hostname);
