import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { ACCOUNT_NAME } from '../../contract.cjs';
import type { CacheArea, HybridCache } from '../cache/hybrid-cache.js';
import type { Database } from '../database/database.js';
import type { Tables } from '../database/tables.js';
import { hashPassword, isPassword } from './passwords.js';
import type { AccessRole } from './principal.js';
import { tablesOf } from './source.js';

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly role: AccessRole;
  readonly disabled: boolean;
}

export interface ListedAccount extends Account {
  /** Where its password is checked: here, or at which OpenID provider. */
  readonly issuer: string | null;
  readonly createdAt: Date;
}

const CACHE = { freshSeconds: 30, staleSeconds: 7 * 24 * 3600 };

/** An account of that name is there already. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken';
}

/** Who may log in. PostgreSQL has the truth, and the cache what each request needs of it. */
export class Accounts {
  private readonly cache: CacheArea<Account>;

  constructor(
    private readonly database: Database | undefined,
    cache: HybridCache,
  ) {
    this.cache = cache.area('user', CACHE);
  }

  /** Why a name can't be taken; `undefined` if it can. */
  static nameProblem(name: string): string | undefined {
    if (ACCOUNT_NAME.test(name)) return undefined;
    return 'it must be 1 to 128 letters, digits or . _ % + @ -, and begin with a letter or digit';
  }

  /** From the cache, at most half a minute late if nobody could tell of a change. */
  byId(id: string): Promise<Account | undefined> {
    return this.cache.get(id, async () => {
      const row = await tablesOf(this.database)
        .selectFrom('users')
        .select(['id', 'name', 'role', 'disabled_at'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row && { id: row.id, name: row.name, role: row.role, disabled: row.disabled_at !== null };
    });
  }

  /** The account that has this name and password and is not disabled. Takes equally long whatever is wrong. */
  async byPassword(name: string, password: string): Promise<Account | undefined> {
    const db = tablesOf(this.database);
    // What can't be a name may be what PostgreSQL can't even compare with one.
    const row = Accounts.nameProblem(name) === undefined ? await withPassword(db, name) : undefined;
    const matches = await isPassword(password, row?.password_hash);
    if (!row || !matches || row.disabled_at !== null) return undefined;
    return { id: row.id, name: row.name, role: row.role, disabled: false };
  }

  /** Throws {@link NameTaken}. */
  async create(name: string, password: string, role: AccessRole): Promise<Account> {
    const row = { id: newId(), name, role, password_hash: await hashPassword(password) };
    const { numInsertedOrUpdatedRows } = await tablesOf(this.database)
      .insertInto('users')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 0n) throw new NameTaken(`There is an account ${name} already.`);
    return { id: row.id, name, role, disabled: false };
  }

  /** Makes the account that a fresh system is entered with, unless there is an administrator. */
  async createFirstAdmin(name: string, readPassword: () => Promise<string>): Promise<boolean> {
    const admin = await tablesOf(this.database)
      .selectFrom('users')
      .select('id')
      .where('role', '=', 'admin')
      .executeTakeFirst();
    if (admin) return false;
    try {
      await this.create(name, await readPassword(), 'admin');
      return true;
    } catch (error) {
      // Another node was faster.
      if (error instanceof NameTaken) return false;
      throw error;
    }
  }

  /** The account of somebody whom an OpenID provider knows; name and role are what it says now. */
  async ofProvider(issuer: string, subject: string, name: string, role: AccessRole): Promise<Account> {
    const row = await tablesOf(this.database)
      .insertInto('users')
      .values({ id: newId(), name, role, issuer, subject })
      .onConflict((conflict) =>
        conflict.columns(['issuer', 'subject']).where('issuer', 'is not', null).doUpdateSet({ name, role }),
      )
      .returning(['id', 'disabled_at'])
      .executeTakeFirstOrThrow();
    await this.cache.forget(row.id);
    return { id: row.id, name, role, disabled: row.disabled_at !== null };
  }

  async list(): Promise<ListedAccount[]> {
    const rows = await tablesOf(this.database)
      .selectFrom('users')
      .select(['id', 'name', 'role', 'disabled_at', 'issuer', 'created_at'])
      .orderBy(sql`lower(name)`)
      .execute();
    return rows.map(({ id, name, role, disabled_at, issuer, created_at }) => ({
      ...{ id, name, role, issuer, disabled: disabled_at !== null, createdAt: created_at },
    }));
  }

  /** `false`: there is no local account of that name. */
  async setPassword(name: string, password: string): Promise<Account | undefined> {
    return this.update(name, { password_hash: await hashPassword(password) });
  }

  setRole(name: string, role: AccessRole): Promise<Account | undefined> {
    return this.update(name, { role });
  }

  setDisabled(name: string, disabled: boolean): Promise<Account | undefined> {
    return this.update(name, { disabled_at: disabled ? new Date() : null });
  }

  /** By name, or by id for accounts of a provider. */
  private async update(
    name: string,
    change: { password_hash: string } | { role: AccessRole } | { disabled_at: Date | null },
  ): Promise<Account | undefined> {
    const row = await tablesOf(this.database)
      .updateTable('users')
      .set(change)
      .where((where) =>
        where.or([
          where('id', '=', name),
          where.and([where(sql`lower(name)`, '=', name.toLowerCase()), where('issuer', 'is', null)]),
        ]),
      )
      .returning(['id', 'name', 'role', 'disabled_at'])
      .executeTakeFirst();
    if (!row) return undefined;
    await this.cache.forget(row.id);
    return { id: row.id, name: row.name, role: row.role, disabled: row.disabled_at !== null };
  }
}

function withPassword(db: Kysely<Tables>, name: string) {
  return db
    .selectFrom('users')
    .select(['id', 'name', 'role', 'password_hash', 'disabled_at'])
    .where(sql`lower(name)`, '=', name.toLowerCase())
    .where('issuer', 'is', null)
    .executeTakeFirst();
}

function newId(): string {
  return `user-${randomUUID()}`;
}
