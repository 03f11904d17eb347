import * as z from 'zod';
import { cidr, count, dnsLabel, labels, map, port, serverHost, someText, wordOr } from './fields';
import { image } from './image';
import { certificateBundle, credentials } from './secrets';
import { storage } from './storage';

/** Where a server is, for the egress rules: addresses outside the cluster, or pods inside. */
const reach = {
  cidrs: z
    .array(cidr())
    .min(1)
    .optional()
    .describe('CIDR blocks that the server answers from, for the egress rules. This or pods.'),
  pods: map({
    labels: labels().describe('Labels of the pods that serve.'),
    namespace: dnsLabel().optional().describe("Namespace of those pods. Default: the topology's own."),
    port: port().optional().describe('Port of the pods, where their Service has another.'),
  })
    .optional()
    .describe('Pods that serve, where it runs in the same cluster. This or cidrs.'),
};

/** Redis or Valkey that exists. */
const cacheServer = map({
  host: serverHost().describe('Host name: of the primary, or the configuration endpoint of a cluster.'),
  port: port().default(6379).describe('TCP port: 6379 as a rule, 10000 on Azure Managed Redis.'),
  mode: z.enum(['single', 'cluster']).default('single').describe('One primary, or a cluster of shards.'),
  tls: z
    .boolean()
    .default(true)
    .describe('Whether the connection is encrypted. Turn it off only inside the cluster.'),
  ca: certificateBundle
    .optional()
    .describe("Authorities that sign the server's certificate. Default: the public ones."),
  credentials: credentials.optional().describe('User and password. Default: none, only for development.'),
  maxConnections: count(1, 1_000_000)
    .optional()
    .describe('Connections that the server grants (maxclients). Default: not checked.'),
  ...reach,
});

/** PostgreSQL that exists. */
export const databaseServer = map({
  host: serverHost().describe("Host name, as the server's certificate has it."),
  port: port().default(5432).describe('TCP port.'),
  database: someText().default('polypod').describe('Name of the database.'),
  tls: z
    .enum(['verify-full', 'off'])
    .default('verify-full')
    .describe('Encrypted and verified, or off; off only inside the cluster.'),
  ca: certificateBundle
    .optional()
    .describe("Authorities that sign the server's certificate. Default: the public ones."),
  credentials: credentials.describe('User and password.'),
  maxConnections: count(1, 100_000).describe(
    'Connections that the server grants to this application: max_connections less what it reserves.',
  ),
  ...reach,
});

/** What the topology stands on. A cloud foundation makes it; a file for plain synth names what exists. */
export const backing = map({
  image: image().optional().describe("The runtime's image, pinned by tag or digest."),
  storage: storage.optional().describe('Where model files lie: one directory that all pods mount.'),
  cache: wordOr('local', cacheServer)
    .optional()
    .describe('Redis or Valkey: an existing one, or local to run one in the namespace, for development.'),
  database: wordOr('local', databaseServer)
    .optional()
    .describe('PostgreSQL: an existing one, or local to run one in the namespace, for development.'),
});
