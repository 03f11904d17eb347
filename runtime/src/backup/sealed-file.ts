import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { Decrypter, Encrypter, identityToRecipient } from 'age-encryption';
import { BackupError } from './backup-error.js';

const SHORTEST_PASSPHRASE = 16;
/** A passphrase from a file need not be one that a person can remember; 2^16 rounds take a second at most. */
const SCRYPT_ROUNDS_LOG2 = 16;

/** What a backup is encrypted with: an age identity, or a passphrase. */
export type SealKey =
  | { readonly kind: 'identity'; readonly identity: string }
  | { readonly kind: 'passphrase'; readonly passphrase: string };

/** Reads a key file: what `age-keygen` wrote, or a passphrase of 16 characters or more. */
export async function readSealKey(file: string): Promise<SealKey> {
  const text = (await readFile(file, 'utf8')).trim();
  const identity = /^AGE-SECRET-KEY-\S+$/m.exec(text)?.[0];
  if (identity !== undefined) return { kind: 'identity', identity };
  if (text.length >= SHORTEST_PASSPHRASE) return { kind: 'passphrase', passphrase: text };
  throw new BackupError(
    `${file} holds ${text.length} characters: a passphrase needs ${SHORTEST_PASSPHRASE}. Make a key with age-keygen, or with: openssl rand -base64 32`,
  );
}

/** Writes a new file, compressed and encrypted in the age format (age-encryption.org/v1), for its owner alone. */
export async function writeSealed(
  file: string,
  content: AsyncIterable<Uint8Array | string>,
  key: SealKey,
): Promise<void> {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(SCRYPT_ROUNDS_LOG2);
  if (key.kind === 'passphrase') encrypter.setPassphrase(key.passphrase);
  else encrypter.addRecipient(await identityToRecipient(key.identity));
  const compressed = createGzip();
  // An error of the content comes out of the file's pipeline too: it is the same stream that breaks.
  const feeding = pipeline(content, compressed);
  feeding.catch(() => {});
  const encrypted = await encrypter.encrypt(toWeb(compressed));
  await encrypted.pipeTo(Writable.toWeb(createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true })));
  await feeding;
}

/** Reads it again. Throws a {@link BackupError} if the key is another one, or a single bit is not as it was written. */
export async function* readSealed(file: string, key: SealKey): AsyncGenerator<Buffer> {
  const decrypter = new Decrypter();
  if (key.kind === 'passphrase') decrypter.addPassphrase(key.passphrase);
  else decrypter.addIdentity(key.identity);
  const source = createReadStream(file);
  let isOpen = false;
  try {
    const decrypted = await decrypter.decrypt(toWeb(source));
    isOpen = true;
    const plain = createGunzip();
    const feeding = pipeline(fromWeb(decrypted), plain);
    feeding.catch(() => {});
    yield* plain;
    await feeding;
  } catch (error) {
    if (error instanceof BackupError || (error instanceof Error && 'syscall' in error)) throw error;
    throw new BackupError(`${file} ${isOpen ? 'is damaged or not all there' : whyClosed(error)}.`);
  } finally {
    source.destroy();
  }
}

function whyClosed(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /identit|passphrase|recipient|HMAC|MAC/i.test(message)
    ? 'was encrypted with another key'
    : 'is no backup, or its beginning is damaged';
}

// Node's types and the browsers' differ in what both call ReadableStream.
function toWeb(stream: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(stream) as unknown as ReadableStream<Uint8Array>;
}

function fromWeb(stream: ReadableStream<Uint8Array>): Readable {
  return Readable.fromWeb(stream as unknown as Parameters<typeof Readable.fromWeb>[0]);
}
