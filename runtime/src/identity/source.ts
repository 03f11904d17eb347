import type { Kysely } from 'kysely';
import { databaseAway, databaseRequired } from '../api/api-error.js';
import type { Database } from '../database/database.js';
import type { Tables } from '../database/tables.js';

/** The tables of accounts, or the 503 that says why there are none. */
export function tablesOf(database: Database | undefined): Kysely<Tables> {
  if (!database) throw databaseRequired('Accounts, keys and the audit log are kept in PostgreSQL');
  if (!database.available) throw databaseAway();
  return database.db;
}
