import type { SharedStorage } from '../../contracts';

/** Figures that are known better than the provider's. Bytes a second. */
export interface ThroughputProps {
  /** What one client reads. @default what the provider states */
  readonly perClient?: number;
  /** What all clients read together. @default what the provider states */
  readonly aggregate?: number;
}

export const MIB = 2 ** 20;

/** The provider's figures, with those that the user knows better. */
export function throughputOf(
  stated: SharedStorage['throughput'],
  known: ThroughputProps | undefined,
): SharedStorage['throughput'] {
  if (known?.perClient === undefined && known?.aggregate === undefined) return stated;
  const aggregate = known.aggregate ?? stated.aggregate;
  return {
    perClient: known.perClient ?? stated.perClient,
    ...(aggregate === undefined ? {} : { aggregate }),
    source: 'given',
  };
}
