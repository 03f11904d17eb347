/** Size of a database, as a topology's profile gives it. What it buys is the smallest machine that has it all. */
export interface DatabaseSize {
  /** Virtual CPUs. */
  readonly cpu: number;
  /** Bytes of memory. */
  readonly memory: number;
  /** Bytes of storage to begin with; it grows by itself where the cloud can. */
  readonly storage: number;
}

/** Size of a cache. */
export interface CacheSize {
  /** Bytes of data that it must hold, over all shards. */
  readonly memory: number;
}

/** What a foundation is to hold and serve: a topology's `settings.sizing`, in plain numbers. */
export interface Sizing {
  readonly database: DatabaseSize & {
    /** @default `postgresql` */
    readonly engine?: 'postgresql' | 'mysql';
    /** Extensions of PostgreSQL that the system needs, such as `vector`. @default none */
    readonly extensions?: readonly string[];
    /** Connections of all pods together. */
    readonly maxConnections: number;
  };
  readonly cache: CacheSize & {
    readonly mode: 'single' | 'cluster';
    /** Connections of all pods together. */
    readonly maxConnections: number;
  };
}

/** A machine that a cloud sells. */
export interface Machine {
  /** The cloud's name of it. */
  readonly name: string;
  /** Virtual CPUs. */
  readonly cpu: number;
  /** Bytes of memory. */
  readonly memory: number;
}

export const GIB = 1024 ** 3;

/**
 * The first machine that is big enough, in the table's order (cheapest first), or `undefined` where none is.
 */
export function smallestMachine<M extends Machine>(
  machines: readonly M[],
  size: { readonly cpu?: number; readonly memory: number },
): M | undefined {
  return machines.find((machine) => machine.cpu >= (size.cpu ?? 0) && machine.memory >= size.memory);
}
