import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { AccessRole } from '../../identity/principal.js';

/** A point in time that PostgreSQL's own clock sets. */
type ServerTime = ColumnType<Date, Date | undefined, Date>;

/** Accounts: local ones have a password, those of an OpenID provider its issuer and subject. */
interface UsersTable {
  id: string;
  name: string;
  role: AccessRole;
  /** Argon2id, with its parameters and salt. */
  password_hash: string | null;
  issuer: string | null;
  subject: string | null;
  disabled_at: Date | null;
  created_at: ServerTime;
}

interface SessionsTable {
  /** SHA-256 of what the cookie holds. */
  id: string;
  user_id: string;
  created_at: Date;
  /** Last request, give or take a minute. */
  seen_at: Date;
  expires_at: Date;
  /** The provider's, for logging out there too. */
  id_token: string | null;
}

interface UserSettingsTable {
  /** Id of the principal. */
  principal: string;
  settings: JSONColumnType<Record<string, unknown>>;
  updated_at: ServerTime;
}

interface ApiKeysTable {
  id: string;
  /** SHA-256 of the key. */
  hash: string;
  /** The key's first characters, to know it by. */
  prefix: string;
  name: string;
  role: AccessRole;
  created_at: ServerTime;
  expires_at: Date | null;
  revoked_at: Date | null;
}

/** Browsers that are at the OpenID provider. */
interface LoginsTable {
  /** SHA-256 of the state. */
  state: string;
  nonce: string;
  code_verifier: string;
  /** Path to go to afterwards. */
  next: string;
  expires_at: Date;
}

/** Who has changed what. Rows are only added, and removed when their time is over. */
interface AuditLogTable {
  id: Generated<number>;
  at: ServerTime;
  actor_id: string;
  actor_name: string;
  act: string;
  target: string | null;
  /** HTTP status; null for what the command did. */
  status: number | null;
  address: string | null;
  node_id: string | null;
  request_id: string | null;
}

export interface IdentityTables {
  users: UsersTable;
  sessions: SessionsTable;
  user_settings: UserSettingsTable;
  api_keys: ApiKeysTable;
  logins: LoginsTable;
  audit_log: AuditLogTable;
}
