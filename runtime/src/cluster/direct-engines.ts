import type { Config } from '../config/config.js';
import type { Engines } from '../engine/engines.js';
import type { Directions } from './cluster.js';

/** Models that are on every node that offers them: nobody has to decide on these. */
export function alwaysHere({ models }: Pick<Config, 'models'>): Set<string> {
  return new Set(models.filter(({ placement }) => placement.replicas === undefined).map(({ id }) => id));
}

/**
 * Loads and unloads models as the leader has placed them, and lifts quarantines as operators say. While PostgreSQL is
 * away all stays as it is.
 */
export function directEngines(
  engines: Engines,
  config: Pick<Config, 'models'>,
): (directions: Directions) => void {
  const always = alwaysHere(config);
  const releases = new Map<string, number>();
  let placed = '';
  return (directions) => {
    const now = [...directions.placed].sort().join('\n');
    if (now !== placed) engines.want(new Set([...always, ...directions.placed]));
    placed = now;
    for (const [model, settings] of directions.settings.models) {
      const known = releases.get(model) ?? settings.releases;
      if (settings.releases > known) engines.pardon(model);
      releases.set(model, settings.releases);
    }
  };
}
