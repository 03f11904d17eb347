import { SignJWT } from 'jose';

export interface PeerTokenOptions {
  readonly issuer?: string;
  /** Seconds from now. */
  readonly issued?: number;
  readonly expires?: number;
  readonly algorithm?: string;
}

/** What another node would send, as `Authorization`. */
export async function peerToken(
  secret: string,
  audience: string,
  { issuer = 'test', issued = 0, expires = 60, algorithm = 'HS256' }: PeerTokenOptions = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const token = await new SignJWT()
    .setProtectedHeader({ alg: algorithm })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(now + issued)
    .setExpirationTime(now + expires)
    .sign(new TextEncoder().encode(secret));
  return `Bearer ${token}`;
}
