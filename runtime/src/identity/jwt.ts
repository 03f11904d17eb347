import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { AccessConfig } from '../config/schema/access.js';
import { nameOf, roleOf } from './claims.js';
import type { Principal } from './principal.js';
import { readSecret } from './secrets.js';

type JwtConfig = NonNullable<AccessConfig['jwt']>;

/** RFC 7518: a key as long as the hash. */
const SHORTEST_SECRET = 32;
const PUBLIC_KEY_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** RFC 7519 asks for a string; it owns what its bearer makes, in the database too. */
const SUBJECT = /^[^\p{Cc}\p{Cs}]{1,255}$/u;
const FETCH_MILLISECONDS = 3_000;

/** The issuer's keys can't be had: nobody knows whether a token is good. */
export class IssuerAway extends Error {
  override readonly name = 'IssuerAway';
}

/** Bearer tokens that an issuer has signed. */
export class Jwt {
  private constructor(
    private readonly config: JwtConfig,
    private readonly key: Uint8Array | JWTVerifyGetKey,
  ) {}

  /** Throws when the secret can't be read, or is too short. */
  static async open(config: JwtConfig): Promise<Jwt> {
    const { secretFile, jwksUrl } = config;
    if (jwksUrl !== undefined) {
      return new Jwt(config, createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: FETCH_MILLISECONDS }));
    }
    if (secretFile === undefined) throw new Error('access.jwt needs secretFile or jwksUrl');
    const secret = Buffer.from(await readSecret(secretFile));
    if (secret.length < SHORTEST_SECRET) {
      throw new Error(
        `access.jwt.secretFile (${secretFile}) has ${secret.length} bytes; ${SHORTEST_SECRET} are the least: openssl rand -base64 48`,
      );
    }
    return new Jwt(config, secret);
  }

  static looksLikeOne(token: string): boolean {
    return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
  }

  /** Who the token says it is. Throws jose's errors, and {@link IssuerAway}. */
  async verify(token: string): Promise<Principal> {
    const { issuer, audience, clockSkewSeconds } = this.config;
    const { key } = this;
    const symmetric = key instanceof Uint8Array;
    const options = {
      issuer,
      audience,
      clockTolerance: clockSkewSeconds,
      algorithms: [...(this.config.algorithms ?? (symmetric ? ['HS256'] : PUBLIC_KEY_ALGORITHMS))],
      requiredClaims: ['sub', 'exp'],
    };
    const { payload } = await (symmetric
      ? jwtVerify(token, key, options)
      : jwtVerify(token, key, options)
    ).catch((error: unknown) => {
      throw isOfToken(error)
        ? error
        : new IssuerAway('The keys of the issuer can’t be had.', { cause: error });
    });
    const { sub } = payload;
    if (typeof sub !== 'string' || !SUBJECT.test(sub))
      throw new errors.JWTClaimValidationFailed('no usable subject', payload, 'sub');
    const role = roleOf(payload, this.config);
    if (role === undefined)
      throw new errors.JWTClaimValidationFailed('no role', payload, this.config.roleClaim);
    return { id: `jwt:${sub}`, name: nameOf(payload), role, kind: 'jwt' };
  }
}

/** Not of what fetches the keys. */
function isOfToken(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC'
  );
}
