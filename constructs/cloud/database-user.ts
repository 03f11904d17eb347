import { createHash } from 'node:crypto';
import { type Input, interpolate, output } from '@pulumi/pulumi';
import type { CertificateBundle, DatabaseConnection } from '../contracts';
import { labels, selectorLabels } from '../kubernetes/labels';
import { RESTRICTED_CONTAINER, restrictedPod } from '../kubernetes/security';
import { credentialsSecret } from './cluster-objects';
import type { ClusterObject } from './provided';
import type { Unresolved } from './unresolved';

export interface DatabaseUserArgs {
  /** The database's component; the objects are named after it. */
  readonly name: string;
  /** The database, with the user's own credentials. */
  readonly connection: Unresolved<DatabaseConnection>;
  readonly user: { readonly username: string; readonly password: Input<string> };
  /** The administrator that the cloud made. Its password may be rotated: only the Job uses it, when it runs. */
  readonly administrator: { readonly username: Input<string>; readonly password: Input<string> };
  /** Extensions of PostgreSQL, which only the administrator may create in some clouds. @default none */
  readonly extensions?: readonly string[];
  /** Image with `psql` or `mysql`. @default the official one of the engine */
  readonly image?: string;
}

const CLIENTS = {
  postgresql: {
    image: 'docker.io/library/postgres:18.1-alpine3.22',
    script: [
      "psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 <<'SQL'",
      '\\getenv user APP_USERNAME',
      '\\getenv password APP_PASSWORD',
      "SELECT format('CREATE ROLE %I LOGIN', :'user')",
      "  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'user') \\gexec",
      "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', :'user', :'password') \\gexec",
      "SELECT format('GRANT CONNECT, TEMPORARY, CREATE ON DATABASE %I TO %I', current_database(), :'user') \\gexec",
      "SELECT format('GRANT USAGE, CREATE ON SCHEMA public TO %I', :'user') \\gexec",
    ],
    extension: (name: string) => `CREATE EXTENSION IF NOT EXISTS "${name}";`,
    environment: {
      host: 'PGHOST',
      port: 'PGPORT',
      database: 'PGDATABASE',
      user: 'PGUSER',
      password: 'PGPASSWORD',
    },
    tls: (bundle: Input<string>) => [
      { name: 'PGSSLMODE', value: 'verify-full' },
      { name: 'PGSSLROOTCERT', value: bundle },
    ],
    publicAuthorities: 'system',
  },
  mysql: {
    image: 'docker.io/library/mysql:8.4.7',
    script: [
      // The password has neither quotes nor backslashes: see the character set of the random password.
      'mysql --no-defaults --host="$DB_HOST" --port="$DB_PORT" --user="$DB_USER" \\',
      '  --ssl-mode=VERIFY_IDENTITY --ssl-ca="$DB_SSL_CA" <<SQL',
      "CREATE USER IF NOT EXISTS '$APP_USERNAME'@'%' IDENTIFIED BY '$APP_PASSWORD' REQUIRE SSL;",
      "ALTER USER '$APP_USERNAME'@'%' IDENTIFIED BY '$APP_PASSWORD' REQUIRE SSL;",
      "GRANT ALL PRIVILEGES ON \\`$DB_NAME\\`.* TO '$APP_USERNAME'@'%';",
    ],
    extension: undefined,
    environment: {
      host: 'DB_HOST',
      port: 'DB_PORT',
      database: 'DB_NAME',
      user: 'DB_USER',
      password: 'MYSQL_PWD',
    },
    tls: (bundle: Input<string>) => [{ name: 'DB_SSL_CA', value: bundle }],
    publicAuthorities: '/etc/ssl/certs/ca-certificates.crt',
  },
} as const;

const BUNDLE_DIRECTORY = '/etc/database-ca';

/**
 * A Job that makes the application's own user in a database whose cloud only makes an administrator, and sets its
 * password; it runs again when that password changes. With it come the two Secrets and a policy that lets the Job
 * reach the database and DNS, nothing else.
 *
 * The user owns what it creates in the database, and can't make other users or databases.
 */
export function databaseUser(args: DatabaseUserArgs): ClusterObject[] {
  const { name, connection, user, extensions = [] } = args;
  const client = CLIENTS[connection.engine ?? 'postgresql'];
  const { environment } = client;
  const administratorSecret = `${name}-administrator`;
  const identity = { application: 'database-user', instance: name, component: 'database-user' };
  const authorities = connection.tls === false ? undefined : connection.tls.ca;
  const bundle =
    authorities === undefined
      ? client.publicAuthorities
      : interpolate`${BUNDLE_DIRECTORY}/${authorities.key}`;
  const script = [...client.script, ...extensions.flatMap((one) => client.extension?.(one) ?? []), 'SQL'];
  const fromSecret = (secretName: Input<string>, variable: string, key: Input<string>) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: secretName, key } },
  });

  const container = {
    name: 'database-user',
    image: args.image ?? client.image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-ec', script.join('\n')],
    env: [
      { name: environment.host, value: connection.host },
      { name: environment.port, value: String(connection.port) },
      { name: environment.database, value: connection.database },
      ...client.tls(bundle),
      fromSecret(administratorSecret, environment.user, 'username'),
      fromSecret(administratorSecret, environment.password, 'password'),
      fromSecret(
        connection.credentials.secretName,
        'APP_USERNAME',
        connection.credentials.usernameKey ?? 'username',
      ),
      fromSecret(
        connection.credentials.secretName,
        'APP_PASSWORD',
        connection.credentials.passwordKey ?? 'password',
      ),
    ],
    securityContext: RESTRICTED_CONTAINER,
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      ...(authorities === undefined ? [] : [{ name: 'ca', mountPath: BUNDLE_DIRECTORY, readOnly: true }]),
    ],
  };

  return [
    credentialsSecret(administratorSecret, args.administrator),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `${name}-database-user`, labels: labels(identity) },
      spec: {
        podSelector: { matchLabels: selectorLabels(identity) },
        policyTypes: ['Ingress', 'Egress'],
        egress: [
          { ports: [53].flatMap((port) => ['UDP', 'TCP'].map((protocol) => ({ port, protocol }))) },
          databaseEgress(connection),
        ],
      },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: `${name}-database-user`, labels: labels(identity) },
      spec: {
        backoffLimit: 10,
        activeDeadlineSeconds: 900,
        template: {
          metadata: {
            labels: labels(identity),
            annotations: { 'polypod.dev/password-checksum': output(user.password).apply(checksum) },
          },
          spec: {
            restartPolicy: 'Never',
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: restrictedPod(10001, 10001),
            containers: [container],
            volumes: [
              { name: 'tmp', emptyDir: { sizeLimit: '16Mi' } },
              ...(authorities === undefined ? [] : [{ name: 'ca', ...bundleVolume(authorities) }]),
            ],
          },
        },
      },
    },
  ];
}

function databaseEgress({ egress }: Unresolved<DatabaseConnection>) {
  const ports = egress.ports.map((port) => ({ port, protocol: 'TCP' }));
  if ('cidrs' in egress) return { to: egress.cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports };
  const namespaceSelector =
    egress.namespace === undefined
      ? undefined
      : { matchLabels: { 'kubernetes.io/metadata.name': egress.namespace } };
  return { to: [{ podSelector: { matchLabels: egress.podLabels }, namespaceSelector }], ports };
}

function bundleVolume(bundle: Unresolved<CertificateBundle>) {
  return 'configMapName' in bundle
    ? { configMap: { name: bundle.configMapName } }
    : { secret: { secretName: bundle.secretName } };
}

/** A Job's pods can't be changed, so a new password must change them: it makes a new Job. */
function checksum(password: string): string {
  return createHash('sha256').update(password).digest('hex').slice(0, 16);
}
