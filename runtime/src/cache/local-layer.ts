import type { CreateDriverResult, L1CacheDriver } from 'bentocache/types';
import { LRUCache } from 'lru-cache';

/** The cache's layer in this process: an LRU a namespace, whose keys can be counted and listed. */
export class LocalLayer implements L1CacheDriver {
  readonly type = 'l1';
  private readonly entries: LRUCache<string, string>;
  private readonly namespaces = new Map<string, LocalLayer>();

  constructor(private readonly maxEntries: number) {
    this.entries = new LRUCache({ max: maxEntries });
  }

  /** As bentocache takes it. */
  get driver(): CreateDriverResult<LocalLayer> {
    return { options: {}, factory: () => this };
  }

  get keys(): string[] {
    return [...this.entries.keys()];
  }

  get size(): number {
    return this.entries.size;
  }

  namespace(name: string): LocalLayer {
    const existing = this.namespaces.get(name);
    if (existing) return existing;
    const layer = new LocalLayer(this.maxEntries);
    this.namespaces.set(name, layer);
    return layer;
  }

  get(key: string): string | undefined {
    return this.entries.get(key);
  }

  pull(key: string): string | undefined {
    const value = this.entries.get(key);
    this.entries.delete(key);
    return value;
  }

  set(key: string, value: string, ttl?: number): boolean {
    this.entries.set(key, value, ttl === undefined ? {} : { ttl });
    return true;
  }

  getRemainingTtl(key: string): number {
    return this.entries.getRemainingTTL(key);
  }

  clear(): void {
    this.entries.clear();
  }

  delete(key: string): boolean {
    return this.entries.delete(key);
  }

  deleteMany(keys: string[]): boolean {
    for (const key of keys) this.entries.delete(key);
    return true;
  }

  disconnect(): void {}
}
