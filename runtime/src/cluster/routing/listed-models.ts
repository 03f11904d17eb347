import type { ModelDescription } from '../../engine/engine.js';
import type { Backend } from '../backends/backend.js';
import type { Member } from '../members.js';

/** A model that can be asked for, with what is known of it. */
export type ListedModel = Pick<ModelDescription, 'id' | 'created'> & Partial<ModelDescription>;

/** Each model that somebody serves, once: described by this node if it has it, else by another, else by its name. */
export function listModels(
  own: readonly ModelDescription[],
  members: readonly Member[],
  backends: readonly Backend[],
): ListedModel[] {
  const models = new Map<string, ListedModel>(own.map((model) => [model.id, model]));
  for (const { status, startedAt, models: others } of members) {
    if (status !== 'healthy') continue;
    for (const { id, state, enabled, contextSize, capabilities } of others) {
      if (state !== 'ready' || !enabled || models.has(id)) continue;
      models.set(id, {
        id,
        created: seconds(startedAt),
        ...(contextSize !== undefined && { contextSize }),
        ...(capabilities && { capabilities }),
      });
    }
  }
  for (const { up, since, models: ids } of backends) {
    for (const id of up ? ids : []) if (!models.has(id)) models.set(id, { id, created: seconds(since) });
  }
  return [...models.values()];
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
