import type { LocalNode } from '../../local-cluster/local-node.js';

const POLL_MILLISECONDS = 100;

/** Asks all nodes all the time who leads, in which epoch. Two leaders of one epoch can't be. */
export class LeaderWatch {
  /** Whom each epoch had. */
  readonly leaders = new Map<number, Set<string>>();
  private readonly stopped = new AbortController();
  private readonly done: Promise<unknown>;

  constructor(nodes: readonly LocalNode[]) {
    this.done = Promise.all(nodes.map((node) => this.watch(node)));
  }

  /** Epochs that two nodes have led. */
  get contested(): number[] {
    return [...this.leaders].filter(([, nodes]) => nodes.size > 1).map(([epoch]) => epoch);
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.done;
  }

  private async watch(node: LocalNode): Promise<void> {
    while (!this.stopped.signal.aborted) {
      const answer: { leader?: unknown; epoch?: unknown } | undefined = await fetch(
        `${node.url}/api/v1/cluster/leader`,
        {
          signal: AbortSignal.timeout(2_000),
        },
      )
        .then((response) => response.json() as Promise<{ leader?: unknown; epoch?: unknown }>)
        .catch(() => undefined);
      if (typeof answer?.leader === 'string' && typeof answer.epoch === 'number') {
        const nodes = this.leaders.get(answer.epoch) ?? new Set<string>();
        this.leaders.set(answer.epoch, nodes.add(answer.leader));
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    }
  }
}
