import { modelPath } from '../../../runtime/contract.cjs';
import type { ModelProps } from './props';

/** What decides which content lies at a model's place in the store. */
const ORIGIN = ['source', 'revision', 'sha256'] as const;

export interface StoreClash {
  /** Indexes of the two models. */
  readonly index: number;
  readonly other: number;
  readonly field: (typeof ORIGIN)[number];
  readonly reason: string;
  readonly mend: string;
}

/** Models that would replace each other at one place of the store: the runtime refuses to start with them. */
export function storeClashes(
  models: readonly Pick<ModelProps, 'name' | (typeof ORIGIN)[number]>[],
): StoreClash[] {
  const clashes: StoreClash[] = [];
  for (const [index, model] of models.entries()) {
    if (!/^(hf|https):/.test(model.source)) continue;
    const place = modelPath(model.source);
    for (const [other, before] of models.slice(0, index).entries()) {
      if (modelPath(before.source) !== place) continue;
      const [field] = ORIGIN.filter((each) => before[each] !== model[each]);
      if (field === undefined) continue;
      clashes.push({
        index,
        other,
        field,
        reason: `differs from that of ${before.name}, and both lie at ${place}: they would replace each other`,
        mend: `write the same ${field} for both, or serve them from two topologies with a store each`,
      });
      break;
    }
  }
  return clashes;
}
