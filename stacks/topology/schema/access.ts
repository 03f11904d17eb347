import * as z from 'zod';
import { ACCOUNT_NAME } from '../../../runtime/contract.cjs';
import { map, someText, text } from './fields';
import { secretKey } from './secrets';

const httpsUrl = (pattern: string, what: string, example: string) =>
  text(
    (value) =>
      new RegExp(pattern, 'u').test(value) && URL.canParse(value)
        ? undefined
        : { reason: `is not ${what}`, mend: `write one such as ${example}` },
    { pattern },
  );
const secureUrl = () =>
  httpsUrl('^https://[^\\s/?#@]+(/\\S*)?$', 'a URL with https', 'https://login.example.org');
const origin = () =>
  httpsUrl('^https://[^\\s/?#@]+/?$', 'https and a host, without a path', 'https://chat.example.org');
const accountName = () =>
  text((value) =>
    ACCOUNT_NAME.test(value)
      ? undefined
      : {
          reason: 'is not a name for an account',
          mend: 'write 1 to 128 letters, digits or . _ % + @ -, beginning with a letter or digit',
        },
  );
const role = z.enum(['admin', 'operator', 'readonly', 'user']);

/** How claims of a token become a role. */
const claims = {
  roleClaim: someText().optional().describe('Claim with the roles, such as groups. Default: roles.'),
  roles: z.record(someText(), role).optional().describe('Role of each value of that claim.'),
  defaultRole: z
    .union([role, z.literal('none')])
    .optional()
    .describe('Role without such a claim; none: not let in. Default: user.'),
};

/** Who may use the system; docs/access.md has the whole. */
export const access = map({
  mode: z
    .enum(['open', 'required'])
    .optional()
    .describe('Whether a login or a key is needed. Default: required as soon as something else stands here.'),
  publicUrl: origin()
    .optional()
    .describe('Where browsers find the system. Default: https and the first host of traffic.'),
  admin: map({
    name: accountName().default('admin').describe('Name of the account.'),
    password: secretKey('password')
      .optional()
      .describe('Its password, of 10 characters or more. Default: Secret NAME-admin, key password.'),
  })
    .optional()
    .describe('Account that a fresh system is entered with.'),
  oidc: map({
    issuer: secureUrl().describe("The OpenID provider's issuer URL."),
    clientId: someText().describe('What the provider calls the system.'),
    clientSecret: secretKey('secret').optional().describe('Default: none, as a public client.'),
    scopes: someText().optional().describe('Default: openid profile email.'),
    label: someText().optional().describe('What the button says. Default: Single sign-on.'),
    ...claims,
  })
    .optional()
    .describe('Login at an OpenID provider.'),
  jwt: z
    .union([
      map({
        issuer: someText().describe('Who signs the tokens.'),
        audience: someText().describe('Whom they are for.'),
        secret: secretKey('secret').describe('What the issuer signs with, of 32 bytes or more.'),
        ...claims,
      }),
      map({
        issuer: someText().describe('Who signs the tokens.'),
        audience: someText().describe('Whom they are for.'),
        jwksUrl: secureUrl().describe("The issuer's public keys."),
        ...claims,
      }),
    ])
    .optional()
    .describe('Bearer tokens of an issuer.'),
});
