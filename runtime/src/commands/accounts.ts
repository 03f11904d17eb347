import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { ApiError } from '../api/api-error.js';
import { ConfigError, configPath, loadConfig } from '../config/load-config.js';
import { Accounts, NameTaken } from '../identity/accounts.js';
import { passwordProblem } from '../identity/passwords.js';
import { ACCESS_ROLES, type AccessRole } from '../identity/principal.js';
import { type AccountStores, withAccounts } from './account-stores.js';
import { EXIT } from './exit-status.js';

interface Flags {
  readonly config?: string;
  readonly json?: boolean;
  readonly role?: string;
  readonly days?: string;
}

/** What it prints, and what it did, for the audit log. */
interface Done {
  readonly output: unknown;
  readonly lines: readonly string[];
  readonly act?: string;
  readonly target?: string;
}

type Work = (stores: AccountStores, flags: Flags, ...names: string[]) => Promise<Done>;

/** What the user can mend: no stack. */
class Refusal extends Error {}

const DAY_MILLISECONDS = 24 * 3600 * 1000;

/** `polypod-runtime users …` and `keys …`: who may log in, and what programs send. */
export function accounts(program: Command): void {
  const users = program.command('users').description('local accounts');
  add(users, 'create <name>', 'make an account; its password is read from standard input', createUser).option(
    '--role <role>',
    ACCESS_ROLES.join(', '),
    'user',
  );
  add(users, 'list', 'list all accounts', listUsers);
  add(
    users,
    'password <name>',
    'set a new password, read from standard input; ends all sessions',
    setPassword,
  );
  add(users, 'disable <name>', 'let an account in no more, at once', disable);
  add(users, 'enable <name>', 'let an account in again', enable);
  add(users, 'role <name> <role>', `give an account another role: ${ACCESS_ROLES.join(', ')}`, setRole);
  const keys = program.command('keys').description('API keys, as bearer tokens');
  add(keys, 'create <name>', 'make a key and print it, this once', createKey)
    .option('--role <role>', ACCESS_ROLES.join(', '), 'user')
    .option('--days <days>', 'days until it expires; without it, it does not');
  add(keys, 'list', 'list all keys, by their first characters', listKeys);
  add(keys, 'revoke <key>', 'let a key in no more, named by its id or first characters', revokeKey);
}

function add(parent: Command, usage: string, description: string, work: Work): Command {
  return parent
    .command(usage)
    .description(description)
    .option('--config <file>', 'configuration file (YAML)')
    .option('--json', 'print the result as JSON')
    .action((...args: unknown[]) => {
      const flags = args.at(-2) as Flags;
      const names = args.slice(0, -2) as string[];
      return run(flags, (stores) => work(stores, flags, ...names));
    });
}

async function run(flags: Flags, work: (stores: AccountStores) => Promise<Done>): Promise<void> {
  try {
    const config = await loadConfig(configPath(process.env, flags.config), process.env);
    const { output, lines } = await withAccounts(config, async (stores) => {
      const done = await work(stores);
      const { act, target } = done;
      if (act !== undefined) {
        const { username } = userInfo();
        await stores.audit.record({
          actor: { id: 'command', name: username },
          act,
          ...(target && { target }),
        });
      }
      return done;
    });
    process.stdout.write(
      flags.json ? `${JSON.stringify(output, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''),
    );
  } catch (error) {
    const foreseen =
      error instanceof Refusal ||
      error instanceof ConfigError ||
      error instanceof NameTaken ||
      error instanceof ApiError ||
      (error instanceof Error && /database|PostgreSQL/.test(error.message));
    if (!foreseen) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof ConfigError ? EXIT.badConfig : EXIT.failed;
  }
}

const createUser: Work = async ({ accounts }, flags, name = '') => {
  const problem = Accounts.nameProblem(name);
  if (problem !== undefined) throw new Refusal(`${name}: ${problem}`);
  const role = roleOf(flags.role);
  const account = await accounts.create(name, await newPassword(), role);
  return {
    output: account,
    lines: [`${name} is there, as ${role}.`],
    act: 'user.create',
    target: `${name} ${role}`,
  };
};

const listUsers: Work = async ({ accounts }) => {
  const all = await accounts.list();
  const rows = all.map(({ name, role, disabled, issuer, id }) => [
    name,
    role,
    disabled ? 'disabled' : 'enabled',
    issuer ?? 'local',
    id,
  ]);
  return { output: all, lines: table(['NAME', 'ROLE', 'STATE', 'LOGIN', 'ID'], rows) };
};

const setPassword: Work = async ({ accounts, sessions }, _flags, name = '') => {
  const account = found(name, await accounts.setPassword(name, await newPassword()));
  const ended = await sessions.endAll(account.id);
  const lines = [`${account.name} has a new password; ${ended} sessions are over.`];
  return { output: { ...account, sessions: ended }, lines, act: 'user.password', target: account.name };
};

const disable: Work = async ({ accounts, sessions }, _flags, name = '') => {
  const account = found(name, await accounts.setDisabled(name, true));
  const ended = await sessions.endAll(account.id);
  const lines = [`${account.name} is disabled; ${ended} sessions are over.`];
  return { output: { ...account, sessions: ended }, lines, act: 'user.disable', target: account.name };
};

const enable: Work = async ({ accounts }, _flags, name = '') => {
  const account = found(name, await accounts.setDisabled(name, false));
  return {
    output: account,
    lines: [`${account.name} is enabled.`],
    act: 'user.enable',
    target: account.name,
  };
};

const setRole: Work = async ({ accounts }, _flags, name = '', role = '') => {
  const account = found(name, await accounts.setRole(name, roleOf(role)));
  return {
    output: account,
    lines: [`${account.name} is ${role} now.`],
    act: 'user.role',
    target: `${account.name} ${role}`,
  };
};

const createKey: Work = async ({ keys }, flags, name = '') => {
  const days = flags.days === undefined ? undefined : Number(flags.days);
  if (days !== undefined && !(days > 0 && days < 36_500))
    throw new Refusal(`--days ${flags.days}: it must be a number of days`);
  const expiresAt = days === undefined ? null : new Date(Date.now() + days * DAY_MILLISECONDS);
  const role = roleOf(flags.role);
  const { id, key } = await keys.create(name, role, expiresAt);
  return {
    output: { id, key, name, role, expiresAt },
    lines: [key],
    act: 'key.create',
    target: `${id} ${name} ${role}`,
  };
};

const listKeys: Work = async ({ keys }) => {
  const all = await keys.list();
  const rows = all.map(({ id, prefix, name, role, expiresAt, revokedAt }) => [
    `${prefix}…`,
    name,
    role,
    revokedAt
      ? 'revoked'
      : !expiresAt
        ? 'valid'
        : expiresAt < new Date()
          ? 'expired'
          : `until ${expiresAt.toISOString()}`,
    id,
  ]);
  return { output: all, lines: table(['KEY', 'NAME', 'ROLE', 'STATE', 'ID'], rows) };
};

const revokeKey: Work = async ({ keys }, _flags, name = '') => {
  const named = name.replace(/…$/, '');
  if (!(await keys.revoke(named))) {
    throw new Refusal(
      `${name}: it is neither the id nor the first characters of exactly one valid key: polypod-runtime keys list`,
    );
  }
  return { output: { revoked: named }, lines: [`${named} is revoked.`], act: 'key.revoke', target: named };
};

function roleOf(role = ''): AccessRole {
  const known = ACCESS_ROLES.find((each) => each === role);
  if (known) return known;
  throw new Refusal(`${role}: it is no role; ${ACCESS_ROLES.join(', ')} are`);
}

function found<Account>(name: string, account: Account | undefined): Account {
  if (account) return account;
  throw new Refusal(`${name}: there is no such account: polypod-runtime users list`);
}

/** From standard input, where nobody else on the machine sees it: piped, or typed unseen. */
async function newPassword(): Promise<string> {
  const password = process.stdin.isTTY ? await typed() : (await readAll(process.stdin)).replace(/\r?\n$/, '');
  const problem = passwordProblem(password);
  if (problem !== undefined) throw new Refusal(`The password can't be taken: ${problem}.`);
  return password;
}

async function typed(): Promise<string> {
  process.stderr.write('Password: ');
  const lines = createInterface({ input: process.stdin, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  return all.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
