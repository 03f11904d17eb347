import { hash } from 'node:crypto';

/**
 * Weighted rendezvous hashing: every node scores every key, and a key belongs to the highest score. Who knows the same
 * nodes comes to the same order, without a ring to keep; a node that leaves moves its own keys only, and each node's
 * share is exactly proportional to its weight.
 */

/** A key or a node's name, spread evenly over 32 bits. */
export function hashOf(text: string): number {
  return Number.parseInt(hash('sha1', text).slice(0, 8), 16);
}

/** How much a node wants a key; `key` and `node` by {@link hashOf}. */
export function score(key: number, node: number, weight: number): number {
  // Strictly between 0 and 1, so that the logarithm is finite and negative.
  const unit = (mixed(key ^ node) + 0.5) / 2 ** 32;
  return -weight / Math.log(unit);
}

/** MurmurHash3's finalizer: each bit of the input changes half of the output's. */
function mixed(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
