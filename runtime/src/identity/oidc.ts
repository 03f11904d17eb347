import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  ClientError,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { ApiError } from '../api/api-error.js';
import type { AccessConfig } from '../config/schema/access.js';
import type { Database } from '../database/database.js';
import { digest, readSecret } from './secrets.js';
import { tablesOf } from './source.js';

export type OidcConfig = NonNullable<AccessConfig['oidc']>;

export const CALLBACK_PATH = '/auth/oidc/callback';
/** How long somebody may take at the provider. */
export const LOGIN_SECONDS = 600;
const REQUEST_SECONDS = 5;

/** What the provider says of somebody who has come back from it. */
export interface ProviderLogin {
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly idToken: string;
  readonly next: string;
}

/**
 * Login at an OpenID provider by authorization code and PKCE. What must be remembered meanwhile lies in PostgreSQL,
 * which the login needs in the end anyway: any node can finish it, and only one can, once.
 */
export class Oidc {
  private discovered: Promise<Configuration> | undefined;

  constructor(
    private readonly config: OidcConfig,
    private readonly publicUrl: string,
    private readonly database: Database | undefined,
  ) {}

  /** Where to send the browser, and the state that its cookie is to hold. */
  async begin(next: string): Promise<{ url: string; state: string }> {
    const provider = await this.provider();
    const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
    const now = Date.now();
    const db = tablesOf(this.database);
    await db.deleteFrom('logins').where('expires_at', '<', new Date(now)).execute();
    await db
      .insertInto('logins')
      .values({
        ...{ state: digest(state), nonce, code_verifier: verifier, next },
        expires_at: new Date(now + LOGIN_SECONDS * 1000),
      })
      .execute();
    const url = buildAuthorizationUrl(provider, {
      redirect_uri: this.callback.href,
      scope: this.config.scopes,
      response_type: 'code',
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { url: url.href, state };
  }

  /** Finishes a login with what the provider has sent the browser back with. Throws a 400 for all that is not right. */
  async finish(search: string, browserState: string | undefined): Promise<ProviderLogin> {
    const url = this.callback;
    url.search = search;
    const state = url.searchParams.get('state');
    if (state === null || state !== browserState) {
      throw refused('login_state_mismatch', 'This login was not begun in this browser.');
    }
    const provider = await this.provider();
    const login = await tablesOf(this.database)
      .deleteFrom('logins')
      .where('state', '=', digest(state))
      .where('expires_at', '>', new Date())
      .returning(['nonce', 'code_verifier', 'next'])
      .executeTakeFirst();
    if (!login) throw refused('login_state_unknown', 'This login is over already, or took too long.');
    try {
      const tokens = await authorizationCodeGrant(provider, url, {
        expectedState: state,
        expectedNonce: login.nonce,
        pkceCodeVerifier: login.code_verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims || tokens.id_token === undefined) throw new ClientError('there is no ID token');
      const more = provider.serverMetadata().userinfo_endpoint
        ? await fetchUserInfo(provider, tokens.access_token, claims.sub)
        : {};
      return {
        subject: claims.sub,
        claims: { ...more, ...claims },
        idToken: tokens.id_token,
        next: login.next,
      };
    } catch (error) {
      if (isAway(error)) throw away(error);
      throw refused('login_refused', 'The OpenID provider did not confirm this login.', error);
    }
  }

  /** Where the browser logs out at the provider, too, if that is possible. */
  async endSessionUrl(idToken: string): Promise<string | undefined> {
    const provider = await this.provider().catch(() => undefined);
    if (provider?.serverMetadata().end_session_endpoint === undefined) return undefined;
    return buildEndSessionUrl(provider, {
      id_token_hint: idToken,
      post_logout_redirect_uri: new URL('/auth/login', this.publicUrl).href,
    }).href;
  }

  private get callback(): URL {
    return new URL(CALLBACK_PATH, this.publicUrl);
  }

  /** Asked for when it is needed: a provider that is away keeps no node from starting. */
  private provider(): Promise<Configuration> {
    this.discovered ??= this.discover().catch((error: unknown) => {
      this.discovered = undefined;
      throw away(error);
    });
    return this.discovered;
  }

  private async discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecretFile } = this.config;
    const url = new URL(issuer);
    const authentication =
      clientSecretFile === undefined ? None() : ClientSecretPost(await readSecret(clientSecretFile));
    return discovery(url, clientId, undefined, authentication, {
      timeout: REQUEST_SECONDS,
      // The configuration takes plain HTTP on loopback only.
      execute: url.protocol === 'http:' ? [allowInsecureRequests] : [],
    });
  }
}

/** The provider did not answer, or not as one that works. */
function isAway(error: unknown): boolean {
  if (error instanceof ResponseBodyError) return error.status >= 500;
  return error instanceof Error && (error.name === 'TypeError' || error.name === 'TimeoutError');
}

function away(cause: unknown): ApiError {
  return Object.assign(
    new ApiError(
      503,
      'server_error',
      'provider_unavailable',
      'The OpenID provider does not answer: try again.',
      null,
      { 'retry-after': '5' },
    ),
    { cause },
  );
}

function refused(code: string, message: string, cause?: unknown): ApiError {
  return Object.assign(new ApiError(400, 'invalid_request_error', code, message), { cause });
}
