import * as z from 'zod';
import { dnsSubdomain, map, someText } from './fields';

/** A user name and a password in one Secret of the topology's namespace. */
export const credentials = map({
  secretName: dnsSubdomain().describe('Name of a Secret in the same namespace.'),
  usernameKey: someText().default('username').describe('Key of the user name in the Secret.'),
  passwordKey: someText().default('password').describe('Key of the password in the Secret.'),
});

/** One value in a Secret of the topology's namespace. */
export const secretKey = (key: string) =>
  map({
    secretName: dnsSubdomain().describe('Name of a Secret in the same namespace.'),
    key: someText().default(key).describe('Key of the value in the Secret.'),
  });

/** A PEM bundle of certificate authorities in a ConfigMap or a Secret of the topology's namespace. */
export const certificateBundle = z.union([
  map({
    configMapName: dnsSubdomain().describe('Name of a ConfigMap in the same namespace.'),
    key: someText().default('ca.crt').describe('Key of the PEM bundle.'),
  }),
  map({
    secretName: dnsSubdomain().describe('Name of a Secret in the same namespace.'),
    key: someText().default('ca.crt').describe('Key of the PEM bundle.'),
  }),
]);
