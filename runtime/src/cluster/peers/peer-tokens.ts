import { errors, jwtVerify, SignJWT } from 'jose';
import type { ClusterSecret } from './cluster-secret.js';

const ALGORITHM = 'HS256';
const LIFE_SECONDS = 60;
const RENEW_SECONDS = 30;
/** How far the clocks of two nodes may be apart. */
const SKEW_SECONDS = 30;
/** Tokens that were found valid and are not checked again; there is one for each node that calls. */
const REMEMBERED = 1_000;

/** Why a peer's token was refused. */
export type TokenFault = 'missing' | 'malformed' | 'forged' | 'expired' | 'audience';

export class PeerTokenError extends Error {
  override readonly name = 'PeerTokenError';

  constructor(readonly fault: TokenFault) {
    super(`The token is ${fault === 'audience' ? 'for another node' : fault}.`);
  }
}

interface Signed {
  readonly token: string;
  readonly secret: Uint8Array;
  readonly renewAt: number;
}

/**
 * Short-lived tokens by which nodes know each other: signed with the cluster's secret, from one node for one other, so
 * that what one node is sent is of no use at another. Both sides keep them, so that a request costs no signature.
 */
export class PeerTokens {
  private readonly signed = new Map<string, Signed>();
  private readonly audiences: string[];
  private readonly valid = new Map<string, { readonly issuer: string; readonly expires: number }>();

  constructor(
    private readonly secret: ClusterSecret,
    private readonly self: string,
  ) {
    this.audiences = [self];
  }

  /** This node is known by that name too, such as the URL of its peer port. */
  alsoFor(audience: string): void {
    this.audiences.push(audience);
  }

  /** A token of this node for that one, named by its id or by the origin of its peer port. */
  async tokenFor(audience: string): Promise<string> {
    const secret = this.secret.signing;
    const known = this.signed.get(audience);
    if (known && known.secret === secret && performance.now() < known.renewAt) return known.token;
    const token = await new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(this.self)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${LIFE_SECONDS}s`)
      .sign(secret);
    this.signed.set(audience, { token, secret, renewAt: performance.now() + RENEW_SECONDS * 1000 });
    return token;
  }

  /** The node that sent this `Authorization` header. Throws {@link PeerTokenError}. */
  async verify(authorization: string | undefined): Promise<string> {
    const token = /^Bearer ([\w.-]+)$/.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new PeerTokenError(authorization === undefined ? 'missing' : 'malformed');
    const known = this.valid.get(token);
    if (known && Date.now() / 1000 < known.expires + SKEW_SECONDS) return known.issuer;
    this.valid.delete(token);
    const { issuer, expires } = await this.check(token);
    const [oldest] = this.valid.keys();
    if (this.valid.size >= REMEMBERED && oldest !== undefined) this.valid.delete(oldest);
    this.valid.set(token, { issuer, expires });
    return issuer;
  }

  private async check(token: string): Promise<{ issuer: string; expires: number }> {
    let fault: TokenFault = 'forged';
    for (const secret of this.secret.accepted) {
      try {
        const { payload } = await jwtVerify(token, secret, {
          algorithms: [ALGORITHM],
          audience: this.audiences,
          clockTolerance: SKEW_SECONDS,
          maxTokenAge: LIFE_SECONDS,
          requiredClaims: ['iss', 'exp'],
        });
        return { issuer: payload.iss ?? '', expires: payload.exp ?? 0 };
      } catch (error) {
        fault = faultOf(error);
        if (fault !== 'forged') break;
      }
    }
    throw new PeerTokenError(fault);
  }
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JOSEAlgNotAllowed) {
    return 'forged';
  }
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'aud' ? 'audience' : error.claim === 'iat' ? 'expired' : 'malformed';
  }
  return 'malformed';
}
