import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const BYTES = 32;

/** What nobody guesses: 256 bits, in characters that need no escaping anywhere. */
export function newSecret(): string {
  return randomBytes(BYTES).toString('base64url');
}

/** What is stored in a random secret's place. It needs no salt, and no slow hash: nobody can try 2^256 of them. */
export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

export async function readSecret(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}
