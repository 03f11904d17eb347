import type { InferenceSettings } from '../topology';

/** A Secret that must be there before the pods start, and the values that can be made up for it. */
export interface RequiredSecret {
  readonly name: string;
  /** Keys whose values nobody needs to know: random ones will do. */
  readonly random: readonly string[];
  /** Values that are fixed. */
  readonly fixed: Readonly<Record<string, string>>;
}

/**
 * The Secrets that a topology refers to and that can be made up: what pods prove to each other, and the accounts of
 * the servers that run inside the namespace. Those of existing servers only their owner knows.
 */
export function madeUpSecrets({ name, backing, security }: InferenceSettings): RequiredSecret[] {
  const account = (secret: string): RequiredSecret => ({
    name: secret,
    random: ['password'],
    fixed: { username: 'polypod' },
  });
  return [
    { name: security.clusterSecret.secretName, random: [security.clusterSecret.key], fixed: {} },
    ...(backing.cache === 'local' ? [account(`${name}-cache`)] : []),
    ...(backing.database === 'local' ? [account(`${name}-database`)] : []),
  ];
}

/** The Secrets of a topology whose values come from outside: name → what for. */
export function givenSecrets({ backing, security, traffic }: InferenceSettings): Map<string, string> {
  const given = new Map<string, string>();
  const { cache, database } = backing;
  if (typeof cache === 'object' && cache.credentials)
    given.set(cache.credentials.secretName, 'user and password of the cache');
  if (typeof database === 'object')
    given.set(database.credentials.secretName, 'user and password of the database');
  if (security.huggingFaceToken) given.set(security.huggingFaceToken.secretName, 'token of Hugging Face');
  for (const pull of security.imagePullSecrets) given.set(pull, 'account of the image registry');
  if ('tls' in traffic && traffic.tls && !traffic.tls.clusterIssuer)
    given.set(traffic.tls.secretName, 'certificate of the hosts');
  return given;
}
