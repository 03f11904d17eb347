import { hash, verify } from '@node-rs/argon2';

/** What OWASP asks of argon2id, the package's default algorithm: 19 MiB, two passes, one lane; about 30 ms. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const SHORTEST_PASSWORD = 10;
/** Longer ones would only cost time. */
const LONGEST_PASSWORD = 1024;

/** Why a password can't be taken; `undefined` if it can. */
export function passwordProblem(password: string): string | undefined {
  const length = [...password].length;
  if (length < SHORTEST_PASSWORD) return `it has ${length} characters; ${SHORTEST_PASSWORD} are the least`;
  if (length > LONGEST_PASSWORD) return `it has ${length} characters; ${LONGEST_PASSWORD} are the most`;
  return undefined;
}

export function hashPassword(password: string): Promise<string> {
  return hash(prepared(password), OPTIONS);
}

/** Takes as long for an account that is not there, or has no password, as for a wrong one. */
export async function isPassword(password: string, stored: string | null | undefined): Promise<boolean> {
  nobody ??= hashPassword('nobody has this one');
  const matches = await verify(stored ?? (await nobody), prepared(password));
  return matches && stored != null;
}

/** However a keyboard composes its letters. */
function prepared(password: string): string {
  return password.normalize('NFKC');
}

let nobody: Promise<string> | undefined;
