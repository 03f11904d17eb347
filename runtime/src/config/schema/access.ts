import { z } from 'zod';
import { ACCOUNT_NAME } from '../../../contract.cjs';
import { file, seconds } from './fields.js';

const role = z.enum(['admin', 'operator', 'readonly', 'user']);

const ALGORITHMS = [
  ...(['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512'] as const),
  ...(['PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const),
] as const;

/** How claims of a token become a role. */
const claims = {
  roleClaim: z
    .string()
    .min(1)
    .default('roles')
    .describe('Claim with the role or roles, such as groups or realm_access.roles.'),
  roles: z
    .record(z.string(), role)
    .default({})
    .describe('Role of each value of that claim; values that are a role need no entry.'),
  defaultRole: z
    .union([role, z.literal('none')])
    .default('user')
    .describe('Role without such a claim; none: they are not let in.'),
};

const oidc = z.strictObject({
  issuer: z.url({ protocol: /^https?$/ }).describe("The provider's issuer URL; http on loopback only."),
  clientId: z.string().min(1),
  clientSecretFile: file.optional().describe('Without it the client is a public one; PKCE is always used.'),
  scopes: z.string().min(1).default('openid profile email'),
  label: z
    .string()
    .min(1)
    .max(40)
    .default('Single sign-on')
    .describe('What the button on the login page says.'),
  ...claims,
});

const jwt = z.strictObject({
  secretFile: file.optional().describe('Shared secret of 32 bytes or more, for HS256, HS384 or HS512.'),
  jwksUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("The issuer's public keys."),
  issuer: z.string().min(1),
  audience: z.string().min(1),
  algorithms: z
    .array(z.enum(ALGORITHMS))
    .min(1)
    .optional()
    .describe('Those that are taken; HS256 with a secret, RS256, PS256, ES256 and EdDSA with keys.'),
  clockSkewSeconds: z.number().min(0).max(300).default(30),
  ...claims,
});

/** Who may use the node. */
export const access = z
  .strictObject({
    mode: z
      .enum(['open', 'required'])
      .optional()
      .describe(
        'open: whoever reaches the node may chat and look, but change nothing. required: login or a key. Required if anything else stands here but times, else open.',
      ),
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where browsers find the system, such as https://chat.example.org.'),
    firstAdmin: z
      .strictObject({
        name: z
          .string()
          .regex(
            ACCOUNT_NAME,
            'it must be 1 to 128 letters, digits or . _ % + @ -, and begin with a letter or digit',
          )
          .default('admin'),
        passwordFile: file,
      })
      .optional()
      .describe('Account that is made when there is no administrator.'),
    oidc: oidc.optional().describe('Login at an OpenID provider.'),
    jwt: jwt.optional().describe('Bearer tokens of an issuer.'),
    sessions: z
      .strictObject({
        idleSeconds: seconds.default(24 * 3600).describe('A session ends after so long without a request,'),
        absoluteSeconds: seconds.default(7 * 24 * 3600).describe('and after so long whatever comes.'),
      })
      .prefault({}),
    loginAttempts: z
      .strictObject({
        perAddress: z.int().min(1).default(50),
        perAccount: z.int().min(1).default(10),
        windowSeconds: seconds.default(900),
      })
      .prefault({})
      .describe('Failed attempts until more are answered 429.'),
  })
  .superRefine(({ publicUrl, oidc, jwt }, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (publicUrl !== undefined && new URL(publicUrl).href !== `${new URL(publicUrl).origin}/`) {
      refuse(['publicUrl'], 'it must be no more than scheme, host and port: the pages are at its root');
    }
    if (oidc && publicUrl === undefined) {
      refuse(['publicUrl'], 'oidc needs it: the provider sends browsers back to it');
    }
    if (oidc && isInsecure(oidc.issuer)) {
      refuse(['oidc', 'issuer'], 'it must be https: who can change its answers can be anybody');
    }
    if (!jwt) return;
    if ((jwt.secretFile === undefined) === (jwt.jwksUrl === undefined)) {
      refuse(['jwt'], 'it needs either secretFile or jwksUrl');
    }
    if (jwt.jwksUrl !== undefined && isInsecure(jwt.jwksUrl)) {
      refuse(['jwt', 'jwksUrl'], 'it must be https: who can change its answers can be anybody');
    }
    const symmetric = jwt.secretFile !== undefined;
    if (jwt.algorithms?.some((name) => name.startsWith('HS') !== symmetric)) {
      refuse(['jwt', 'algorithms'], symmetric ? 'with a secret only HS…' : 'with jwksUrl none of HS…');
    }
  });

export type AccessConfig = z.output<typeof access>;

/** What `mode` comes to. */
export function isLoginRequired({ mode, firstAdmin, oidc, jwt }: AccessConfig): boolean {
  return mode === 'required' || (mode === undefined && (firstAdmin ?? oidc ?? jwt) !== undefined);
}

function isInsecure(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
