import { pino } from 'pino';
import { HybridCache } from '../cache/hybrid-cache.js';
import type { Config } from '../config/config.js';
import { Accounts } from '../identity/accounts.js';
import { ApiKeys } from '../identity/api-keys.js';
import { AuditLog } from '../identity/audit.js';
import { Sessions } from '../identity/sessions.js';
import { Metrics } from '../operations/metrics.js';
import { RedisConnections } from '../redis/connection.js';
import { withDatabase } from './command-database.js';

export interface AccountStores {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly audit: AuditLog;
}

/** How long Redis may take to connect, so that running nodes hear of a change at once. */
const CONNECT_MILLISECONDS = 2_000;

/** Works on the accounts of the configuration's database, or of the embedded one, whether its node runs or not. */
export async function withAccounts<Result>(
  config: Config,
  work: (stores: AccountStores) => Promise<Result>,
): Promise<Result> {
  const metrics = new Metrics();
  const connections = config.redis && (await RedisConnections.create(config.redis, () => {}));
  const cache = new HybridCache({ connections, nodeId: 'command', metrics });
  try {
    return await withDatabase(config, async (database) => {
      await cache.connected(CONNECT_MILLISECONDS);
      return work({
        accounts: new Accounts(database, cache),
        sessions: new Sessions(database, cache, config.access.sessions),
        keys: new ApiKeys(database, cache),
        audit: new AuditLog({ database, nodeId: undefined, logger: pino(process.stderr), metrics }),
      });
    });
  } finally {
    await cache.close();
    connections?.close();
    metrics.close();
  }
}
