import { type ByteSize, byteSizeOf, type Cpu, cpuOf } from '../../constructs/contracts/units';

/** What one size of system takes. */
export interface Profile {
  /** Users that it is for. */
  readonly users: string;
  /** Pods, at least and at most. */
  readonly replicas: { readonly min: number; readonly max: number };
  /** PostgreSQL's machine. */
  readonly database: { readonly cpu: Cpu; readonly memory: ByteSize; readonly storage: ByteSize };
  /** Redis or Valkey: memory, and whether it is sharded. */
  readonly cache: { readonly memory: ByteSize; readonly mode: 'single' | 'cluster' };
}

export type ProfileName = 'small' | 'medium' | 'large' | 'enterprise';

const GIB = 2 ** 30;
const gib = (count: number) => byteSizeOf(count * GIB);

/**
 * Seed 001's table ("External Database Requirements", "Redis Sizing", "Recommended Scaling"). Its GB are read as
 * GiB, the unit in which clouds sell memory and disks; where it gives a range for a machine, the upper end stands
 * here, and where it is open ("8+ CPU"), the lower. Any figure can be set by itself in a topology.
 */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  /** < 100 users: 2–3 pods, managed Redis of 1 GB, database of 2 CPU, 4 GB, 100 GB. */
  small: {
    users: 'fewer than 100',
    replicas: { min: 2, max: 3 },
    database: { cpu: cpuOf(2), memory: gib(4), storage: gib(100) },
    cache: { memory: gib(1), mode: 'single' },
  },
  /** 100–1000 users: 3–8 pods, Redis cluster of 2–4 GB, database of 4 CPU, 8 GB, 500 GB. */
  medium: {
    users: '100 to 1000',
    replicas: { min: 3, max: 8 },
    database: { cpu: cpuOf(4), memory: gib(8), storage: gib(500) },
    cache: { memory: gib(4), mode: 'cluster' },
  },
  /** 1000+ users: 8–20 pods, Redis cluster of 8+ GB, database of 8+ CPU, 16+ GB, 1+ TB. */
  large: {
    users: '1000 and more',
    replicas: { min: 8, max: 20 },
    database: { cpu: cpuOf(8), memory: gib(16), storage: gib(1024) },
    cache: { memory: gib(8), mode: 'cluster' },
  },
  /**
   * 20+ pods and a Redis cluster are the table's. It names no maximum and no machine for this row: twice the pods,
   * and twice the large machines, are ours.
   */
  enterprise: {
    users: 'beyond large',
    replicas: { min: 20, max: 40 },
    database: { cpu: cpuOf(16), memory: gib(32), storage: gib(2048) },
    cache: { memory: gib(16), mode: 'cluster' },
  },
};
