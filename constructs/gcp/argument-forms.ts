import type { Input } from '@pulumi/pulumi';
import { matches } from '../cloud';
import type { Problem } from '../contracts';

/** A region, such as `europe-west3`. */
export function regionProblems(path: string, region: Input<string> | undefined): Problem[] {
  return matches(path, region, /^[a-z]+-[a-z]+\d+$/, {
    reason: 'is not a region',
    mend: 'write one such as europe-west3',
  });
}

/** A project's id, not its number. */
export function projectProblems(path: string, project: Input<string> | undefined): Problem[] {
  return matches(path, project, /^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/, {
    reason: 'is not the id of a project',
    mend: 'write one such as acme-chat-prod',
  });
}

/** A key of Cloud KMS, by its full name. */
export function kmsKeyProblems(path: string, name: Input<string> | undefined): Problem[] {
  return matches(path, name, /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/, {
    reason: 'is not the full name of a key',
    mend: 'write projects/PROJECT/locations/REGION/keyRings/RING/cryptoKeys/KEY',
  });
}

/** A service account's id: 6 to 30 characters, made from a component's name, which has 26 at most. */
export function accountId(name: string): string {
  return `${name}-sa`.padEnd(6, '0');
}
