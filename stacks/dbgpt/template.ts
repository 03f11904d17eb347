import { type Cloud, cloudParts, surroundingsTemplate, trafficDefaults } from '../topology/template';

/** MySQL where the other systems have PostgreSQL. */
const DATABASE: Readonly<Record<Cloud, { readonly needs: readonly string[]; readonly fields: string }>> = {
  aws: {
    needs: [
      'RDS for MySQL, reachable from the pods; its Secret dbgpt-database (username, password)',
      'a ConfigMap rds-ca with the bundle https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem',
    ],
    fields: server(
      'dbgpt.abcdefghijkl.us-east-1.rds.amazonaws.com',
      '10.0.64.0/20, 10.0.80.0/20, 10.0.96.0/20',
      {
        ca: '{ configMapName: rds-ca, key: global-bundle.pem }',
      },
    ),
  },
  gcp: {
    needs: [
      'Cloud SQL for MySQL with a private address; its Secret dbgpt-database (username, password)',
      'a ConfigMap cloudsql-ca with its authorities (ca.crt)',
    ],
    fields: server('1a2b3c4d5e6f.2g3h4i5j6k7l.us-central1.sql.goog', '10.30.0.0/24', {
      ca: '{ configMapName: cloudsql-ca }',
    }),
  },
  azure: {
    needs: ['Azure Database for MySQL Flexible Server; its Secret dbgpt-database (username, password)'],
    fields: server('dbgpt-db.mysql.database.azure.com', '10.1.9.0/24'),
  },
  local: {
    needs: ['the Secret dbgpt-database in the namespace'],
    fields: `  # an existing server ({ host, credentials, maxConnections, cidrs }), or one in the namespace, for development
  database: local`,
  },
};

function server(host: string, cidrs: string, { ca }: { readonly ca?: string } = {}): string {
  return `  database:
    # as its certificate has it
    host: ${host}
    #port: 3306
    #database: dbgpt
    #tls: verify-full
${ca === undefined ? '' : `    ca: ${ca}\n`}    credentials: { secretName: dbgpt-database }
    # max_connections of the server, less what it reserves; checked against controllers and web server
    maxConnections: 200
    cidrs: [${cidrs}]`;
}

/**
 * The text of a topology file for a cloud. Prose begins with `# `; a field that is commented out begins with `#`
 * alone and shows its default, so that taking the `#` away changes nothing.
 */
export function dbgptTemplate(cloud: Cloud): string {
  const parts = cloudParts(cloud, 'dbgpt');
  const database = DATABASE[cloud];
  const needs = [
    ...parts.needs.cluster,
    ...database.needs,
    'the Secret dbgpt-keys (encrypt-key); polypod secrets makes it up',
    'Inference topologies that serve the models and let this one in: network.clientsFrom: [{ namespace: dbgpt }]',
  ];
  return `# yaml-language-server: $schema=https://unpkg.com/polypod/schemas/topology.schema.json
#
# DB-GPT with two controllers on one MySQL, its models served by Polypod runtimes: polypod synth FILE -o DIR writes its
# manifests. DB-GPT has no login.
# What it needs:
${needs.map((need) => `#   - ${need}`).join('\n')}

kind: DBGPT
name: dbgpt
#namespace: dbgpt
# The Namespace is written, too, with Pod Security "restricted" enforced.
#createNamespace: true
#labels: {}

# Sizes of the database that Pulumi makes.
#profile: small

# What answers. proxy: an Inference topology of the same cluster, or any API in OpenAI's form: { url: …, cidrs: […] }.
# files: { path: glm-4-9b-chat, provider: hf, gpu: {} } loads /app/models/glm-4-9b-chat from the shared claim.
llm:
  kind: proxy
  runtime: { name: chat, namespace: chat }
  model: ${cloud === 'local' ? 'qwen2.5-0.5b-instruct' : 'qwen2.5-7b-instruct'}
  #contextLength: 8192

# What embeds: the same, in another topology.
embedding:
  kind: proxy
  runtime: { name: embed, namespace: embed }
  model: nomic-embed-text-v1.5

# Pods of each part. Two to four workers of a proxy at 70 % CPU, one of a model of its own; one web server.
#roles: { controller: { replicas: 2 }, llm: { replicas: { min: 2, max: 4 } }, embedding: { replicas: { min: 2, max: 4 } } }

# Silence after which a worker is called unhealthy.
#heartbeat: { timeout: 60s }

# Of prompts and pages: en, zh, fr, ja, ko, ru.
#language: en

# The web server's own disk. storageClass: a class of disks.
#state: { size: 20Gi }

# The claim at /app/models. Default size: 10Gi, no less than the storage grants.
#models: { uid: 10001, gid: 10001 }

# Connections of each controller and web server. There is no cache.
#connections: { database: 20, cache: 10 }

${surroundingsTemplate}

#shutdown: { preStop: 10s, drain: 20s, grace: 45s }

# Everything is denied but what follows from this file and what is named here: databases that people ask about, too.
#network: { isolation: true, clientsFrom: [], egress: [] }

${parts.traffic}${trafficDefaults(cloud)}

#security: { imagePullSecrets: [] }

# Findings that are accepted, each with its reason: no-login, slow-storage, plain-http, retired-service.
${cloud === 'local' ? '#allow: {}' : 'allow:\n  no-login: the identity-aware proxy before this host lets only our analysts through'}

# What it stands on.
backing:
  # pinned by tag or digest; dbgpt-openai can pass on to APIs, dbgpt loads models, too
  image: docker.io/eosphorosai/dbgpt-openai:v0.8.0
${parts.storage}
${database.fields}
`;
}
