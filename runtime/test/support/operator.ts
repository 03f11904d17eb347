import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import type { z } from 'zod';
import type { configSchema } from '../../src/config/config.js';

export interface TestOperator {
  /** The `access` section of nodes that are open to all, and know this operator. */
  readonly access: z.input<typeof configSchema>['access'];
  /** Headers of the operator's requests. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Somebody with the role operator, by a token. */
export async function testOperator(directory: string): Promise<TestOperator> {
  const secret = randomBytes(32).toString('base64url');
  const secretFile = join(directory, 'jwt-secret');
  await writeFile(secretFile, secret);
  const [issuer, audience] = ['https://issuer.test', 'polypod'];
  const token = await new SignJWT({ roles: 'operator' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject('operator-of-this-test')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
  return {
    access: { mode: 'open', jwt: { secretFile, issuer, audience } },
    headers: { authorization: `Bearer ${token}` },
  };
}
