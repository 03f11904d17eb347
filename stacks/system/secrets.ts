import type { SystemSettings } from '../topology/settings';
import type { System } from './system';

/** A Secret that must be there before the pods start, and the values that can be made up for it. */
export interface RequiredSecret {
  readonly name: string;
  /** Keys whose values nobody needs to know: random ones will do. */
  readonly random: readonly string[];
  /** Values that are fixed. */
  readonly fixed: Readonly<Record<string, string>>;
}

/**
 * The Secrets that a topology refers to and that can be made up: the system's own, and the accounts of the servers
 * that run inside the namespace. Those of existing servers only their owner knows.
 */
export function madeUpSecrets(system: System, settings: SystemSettings): RequiredSecret[] {
  const { name, backing } = settings;
  const account = (secret: string): RequiredSecret => ({
    name: secret,
    random: ['password'],
    fixed: { username: 'polypod' },
  });
  return [
    ...system.ownSecrets(settings),
    ...(backing.cache === 'local' ? [account(`${name}-cache`)] : []),
    ...(backing.database === 'local' ? [account(`${name}-database`)] : []),
  ];
}

/** The Secrets of a topology whose values come from outside: name → what for. */
export function givenSecrets(system: System, settings: SystemSettings): Map<string, string> {
  const { backing, security, traffic } = settings;
  const given = new Map<string, string>();
  const { cache, database } = backing;
  if (typeof cache === 'object' && cache.credentials)
    given.set(cache.credentials.secretName, 'user and password of the cache');
  if (typeof database === 'object')
    given.set(database.credentials.secretName, 'user and password of the database');
  for (const [name, what] of system.givenSecrets(settings)) given.set(name, what);
  for (const pull of security.imagePullSecrets) given.set(pull, 'account of the image registry');
  if ('tls' in traffic && traffic.tls && !traffic.tls.clusterIssuer)
    given.set(traffic.tls.secretName, 'certificate of the hosts');
  return given;
}
