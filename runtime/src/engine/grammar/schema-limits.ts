import { UnsupportedSchema } from './unsupported-schema.js';

/** Levels of JSON that a schema may have, values in `const` and the like too: code that goes down has only so much stack. */
const MOST_LEVELS = 500;

/** @throws UnsupportedSchema for a schema that nests deeper than code can follow */
export function checkNesting(schema: unknown): void {
  let level: readonly unknown[] = [schema];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) throw new UnsupportedSchema('', `nests deeper than ${MOST_LEVELS} levels`);
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
}

/** A reference of these that leads back to itself before any text is written: no grammar can begin with itself. */
export function circleIn(leads: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  const left = new Set(leads.keys());
  const ways = new Map<string, number>();
  for (const target of [...leads.values()].flatMap((targets) => [...targets]))
    ways.set(target, (ways.get(target) ?? 0) + 1);
  // Those that nothing left leads to are in no circle; taken away, they lead nowhere.
  const free = [...left].filter((reference) => !ways.has(reference));
  for (let reference = free.pop(); reference !== undefined; reference = free.pop()) {
    left.delete(reference);
    for (const target of leads.get(reference) ?? []) {
      const others = (ways.get(target) ?? 0) - 1;
      ways.set(target, others);
      if (others === 0) free.push(target);
    }
  }
  return [...left][0];
}
