import { type Output, output, secret } from '@pulumi/pulumi';
import { readManifest } from '../../constructs/bridge/restore';
import type { JsonObject } from '../../constructs/checks';
import { type Backing, InvalidInputError, type Problem } from '../../constructs/contracts';

/** Where cache and database are, and which Secrets of the namespace open them. A secret as a whole. */
export function connectionFacts({ cache, database }: Backing, namespace: string): Output<unknown> {
  const facts: JsonObject = {
    ...(cache && {
      cache: {
        host: cache.host,
        port: cache.port,
        mode: cache.mode ?? 'single',
        tls: cache.tls !== false,
        ...(cache.credentials && { secret: `${namespace}/${cache.credentials.secretName}` }),
      },
    }),
    database: {
      engine: database.engine ?? 'postgresql',
      host: database.host,
      port: database.port,
      database: database.database,
      tls: database.tls === false ? 'off' : database.tls.mode,
      secret: `${namespace}/${database.credentials.secretName}`,
    },
  };
  const problems: Problem[] = [];
  const restore = readManifest(facts, 'connections', problems);
  if (problems.length > 0) throw new InvalidInputError('connections', problems);
  return secret(output(restore()));
}
