import type { Sizing } from '../../../constructs/cloud/sizes';
import type { SharedStorage } from '../../../constructs/contracts/shared-storage';
import type { BackingFacts } from '../../../constructs/plan';

/** One thing that a foundation makes, and what is paid for it. Prices are where `page` says: they change. */
export interface Creation {
  readonly part: 'cluster' | 'nodes' | 'network' | 'storage' | 'cache' | 'database' | 'image';
  /** Names and sizes: `RDS for PostgreSQL, db.m7g.xlarge`. */
  readonly what: string;
  /** What the bill counts. */
  readonly billedBy: string;
  /** The provider's page of prices. */
  readonly page: string;
}

/** What a cloud's foundation makes for a topology. */
export interface CloudPlan {
  readonly storage: SharedStorage;
  readonly database: BackingFacts;
  readonly cache: BackingFacts;
  readonly created: readonly Creation[];
}

/** What a cloud's plan follows from. */
export interface CloudInput {
  readonly sizing: Sizing;
  /** Bytes of the claim that pods share. */
  readonly claimBytes: number;
  /** The cloud's own section of a stack's config. */
  readonly section: Section;
}

/** A section of a stack's config, read without judging it: `pulumi up` does that. */
export class Section {
  private readonly value: unknown;

  /** @param value as written; `undefined` leaves everything to the foundation's defaults */
  constructor(value: unknown) {
    this.value = value;
  }

  /** Whether a part exists already, or is not wanted. */
  isGiven(part: string): boolean {
    return this.at(part) === 'none' || this.has(part, 'existing');
  }

  has(...path: readonly string[]): boolean {
    return this.at(...path) !== undefined;
  }

  text(fallback: string, ...path: readonly string[]): string {
    const found = this.at(...path);
    return typeof found === 'string' ? found : fallback;
  }

  number(fallback: number, ...path: readonly string[]): number {
    const found = this.at(...path);
    return typeof found === 'number' ? found : fallback;
  }

  flag(fallback: boolean, ...path: readonly string[]): boolean {
    const found = this.at(...path);
    return typeof found === 'boolean' ? found : fallback;
  }

  private at(...path: readonly string[]): unknown {
    return path.reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? Object.entries(value).find(([name]) => name === key)?.[1]
          : undefined,
      this.value,
    );
  }
}

const GIB = 2 ** 30;

/** Whole GiB, rounded up. */
export const gibOf = (bytes: number) => Math.ceil(bytes / GIB);
