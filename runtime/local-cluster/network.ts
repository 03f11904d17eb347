import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where the nodes of a local cluster live. */
export interface Network {
  /** Address at which nodes reach what runs beside them. */
  readonly host: string;
  addressOf(node: number): string;
  /** What to run for a program to be on a node's network. */
  command(node: number, program: string, args: readonly string[]): [string, readonly string[]];
  /** Takes a node off the network, without a word to anybody, and puts it back. */
  cut(node: number): Promise<void>;
  mend(node: number): Promise<void>;
  remove(): Promise<void>;
}

/** All on 127.0.0.1: nobody can be cut off. */
export const LOOPBACK: Network = {
  host: '127.0.0.1',
  addressOf: () => '127.0.0.1',
  command: (_node, program, args) => [program, args],
  cut: () => Promise.reject(new Error('Nobody can be cut off from loopback.')),
  mend: async () => {},
  remove: async () => {},
};

/**
 * A Linux bridge with a network namespace for each node, as pods have them. `undefined` where this user may not make
 * one.
 */
export async function createBridge(nodes: number): Promise<Network | undefined> {
  // Names of interfaces have 15 characters at most.
  const name = `pp${process.pid}`;
  const subnet = `10.${77 + (process.pid % 100)}.${Math.floor(process.pid / 100) % 250}`;
  const namespace = (node: number) => `${name}-${node}`;
  const link = (node: number) => `${name}v${node}`;
  const ip = (...args: string[]) => run('ip', args);
  const all = Array.from({ length: nodes }, (_, node) => node);
  const remove = async () => {
    for (const node of all) await ip('netns', 'delete', namespace(node)).catch(() => {});
    await ip('link', 'delete', name).catch(() => {});
  };
  try {
    await ip('link', 'add', name, 'type', 'bridge');
    await ip('address', 'add', `${subnet}.1/24`, 'dev', name);
    await ip('link', 'set', name, 'up');
    for (const node of all) {
      const inside = ['-n', namespace(node)];
      await ip('netns', 'add', namespace(node));
      await ip('link', 'add', link(node), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace(node));
      await ip('link', 'set', link(node), 'master', name, 'up');
      await ip(...inside, 'address', 'add', `${subnet}.${node + 10}/24`, 'dev', 'eth0');
      await ip(...inside, 'link', 'set', 'eth0', 'up');
      await ip(...inside, 'link', 'set', 'lo', 'up');
    }
  } catch {
    await remove();
    return undefined;
  }
  return {
    host: `${subnet}.1`,
    addressOf: (node) => `${subnet}.${node + 10}`,
    command: (node, program, args) => ['ip', ['netns', 'exec', namespace(node), program, ...args]],
    async cut(node) {
      await ip('link', 'set', link(node), 'down');
    },
    async mend(node) {
      await ip('link', 'set', link(node), 'up');
    },
    remove,
  };
}
