import * as z from 'zod';
import { backing } from './backing';
import { backup } from './backup';
import { byteSize, count, cpu, dnsLabel, dnsSubdomain, labels, map, text } from './fields';
import { network } from './network';
import { observability } from './observability';
import { connections, disruption, shutdown } from './scaling';
import { scheduling, spread } from './scheduling';
import { traffic } from './traffic';

/** Length that leaves room for `-controller`, an ordinal and the hash of a revision within 63 characters. */
const NAME_PATTERN = '^[a-z]([-a-z0-9]{0,34}[a-z0-9])?$';

const sizing = map({
  database: map({
    cpu: cpu().optional().describe('Default: from the profile.'),
    memory: byteSize().optional().describe('Default: from the profile.'),
    storage: byteSize().optional().describe('Default: from the profile.'),
    maxConnections: count(1, 100_000).optional().describe('Default: connections.database × the most pods.'),
  })
    .prefault({})
    .describe('PostgreSQL.'),
  cache: map({
    memory: byteSize().optional().describe('Default: from the profile.'),
    mode: z.enum(['single', 'cluster']).optional().describe('Default: from the profile.'),
  })
    .prefault({})
    .describe('Redis or Valkey.'),
});

/** Why a finding is accepted: long enough to say something. */
export const reason = () => z.string().min(8);

/** Findings that a person may accept in any system, each with the reason. */
export const allowed = {
  'slow-storage': reason().optional().describe('Hard disks or bursting throughput for shared files.'),
  'plain-http': reason().optional().describe('A public host without TLS.'),
  'retired-service': reason().optional().describe('A service that is retired or will be.'),
};

/** Fields that come first in a topology of any kind. */
export const identity = {
  $schema: z.string().optional().describe('Where editors find the JSON Schema of this file.'),
  name: text(
    (value) =>
      new RegExp(NAME_PATTERN).test(value)
        ? undefined
        : {
            reason: 'is not a name for a topology',
            mend: 'start with a lower-case letter; then letters, digits and "-", at most 36, no "-" at the end',
          },
    { pattern: NAME_PATTERN },
  ).describe('Name of the topology; the names of all its objects begin with it.'),
  namespace: dnsLabel().optional().describe('Namespace of its objects. Default: its name.'),
  createNamespace: z
    .boolean()
    .default(true)
    .describe('Write the Namespace, too, with Pod Security restricted enforced.'),
  labels: labels().default({}).describe('Further labels of all objects.'),
  profile: z
    .enum(['small', 'medium', 'large', 'enterprise'])
    .default('small')
    .describe(
      'Sizes by users (seed 001): small < 100, medium 100 to 1000, large 1000 and more, enterprise beyond. Every figure can be set by itself.',
    ),
};

/** Secrets of any system. */
export const secrets = {
  imagePullSecrets: z.array(dnsSubdomain()).default([]).describe('Secrets for private image registries.'),
};

/** Fields that a topology of any kind has besides. */
export const surroundings = {
  connections: connections.prefault({}).describe('Connections that each pod opens.'),
  sizing: sizing.prefault({}).describe('Sizes of the database and cache that a foundation makes.'),
  scheduling: scheduling.prefault({}).describe('Where pods may run.'),
  spread: spread.prefault({}).describe('How replicas keep apart.'),
  disruption: disruption.prefault({}).describe('How much a drain may take away at once.'),
  shutdown: shutdown.prefault({}).describe('How a pod goes away.'),
  network: network.prefault({}).describe('Who may reach whom.'),
  traffic: traffic.prefault({ type: 'none' }).describe('How clients outside the cluster get in.'),
  observability,
  backup,
  backing: backing
    .prefault({})
    .describe('What the topology stands on. Under Pulumi the foundation makes what is left out.'),
};

/** What topologies of all kinds have in common; checks of any kind read no more. */
export const system = map({
  kind: z.string(),
  ...identity,
  ...surroundings,
  security: map(secrets),
  allow: map(allowed),
});
