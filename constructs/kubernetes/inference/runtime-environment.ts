import type { EnvVar, VolumeProjection } from 'kubernetes-types/core/v1';
import { DIRECTORIES, ENVIRONMENT, type Role } from '../../../runtime/contract.cjs';
import type { CertificateBundle, CredentialsReference, SecretKeyReference } from '../../contracts';
import { type ModelNodeProps, type NodeProps, shutdownSeconds } from './props';

/** What a runtime's container is told, and the files that it is told of. */
export interface RuntimeEnvironment {
  readonly env: EnvVar[];
  /** Files below {@link DIRECTORIES.secrets}: never environment values, which crash dumps and logs repeat. */
  readonly secrets: VolumeProjection[];
  /** Files below {@link DIRECTORIES.certificates}. */
  readonly certificates: VolumeProjection[];
}

/** Node.js's own variable: a file of authorities beside those that it comes with. */
const EXTRA_AUTHORITIES = 'NODE_EXTRA_CA_CERTS';

/** The environment of a node, from what it is connected to. */
export function runtimeEnvironment(
  props: NodeProps & Partial<Pick<ModelNodeProps, 'models' | 'huggingFaceToken'>>,
  role: Role,
  peerService: string,
): RuntimeEnvironment {
  const files = new ProjectedFiles();
  const env: EnvVar[] = [
    value(ENVIRONMENT.role, role),
    field(ENVIRONMENT.nodeId, 'metadata.name'),
    field(ENVIRONMENT.podIp, 'status.podIP'),
    // Kubernetes copies the node's zone to this label from 1.35 on; before, the value is empty.
    field(ENVIRONMENT.zone, "metadata.labels['topology.kubernetes.io/zone']"),
    value(ENVIRONMENT.peerService, peerService),
    value(ENVIRONMENT.drainTimeoutSeconds, String(shutdownSeconds(props.shutdown).drain)),
    ...(props.models === undefined ? [] : [value(ENVIRONMENT.modelDirectory, DIRECTORIES.models)]),
    ...files.certificate(EXTRA_AUTHORITIES, 'trusted.pem', props.trustedCa),
    ...cacheEnvironment(props, files),
    ...databaseEnvironment(props, files),
    ...files.secret(ENVIRONMENT.clusterSecretFile, 'cluster/secret', props.clusterSecret),
    ...files.secret(
      ENVIRONMENT.adminPasswordFile,
      'access/admin-password',
      props.accessSecrets?.adminPassword,
    ),
    ...files.secret(
      ENVIRONMENT.oidcClientSecretFile,
      'access/oidc-secret',
      props.accessSecrets?.oidcClientSecret,
    ),
    ...files.secret(ENVIRONMENT.jwtSecretFile, 'access/jwt-secret', props.accessSecrets?.jwtSecret),
    ...files.secret(ENVIRONMENT.huggingFaceTokenFile, 'huggingface/token', props.huggingFaceToken),
  ];
  return { env, secrets: files.secrets, certificates: files.certificates };
}

function cacheEnvironment({ cache, cachePoolSize = 10 }: NodeProps, files: ProjectedFiles): EnvVar[] {
  if (!cache) return [];
  const ca = typeof cache.tls === 'object' ? cache.tls.ca : undefined;
  return [
    value(ENVIRONMENT.redisHost, cache.host),
    value(ENVIRONMENT.redisPort, String(cache.port)),
    value(ENVIRONMENT.redisMode, cache.mode ?? 'single'),
    value(ENVIRONMENT.redisTls, String(cache.tls !== false)),
    ...files.certificate(ENVIRONMENT.redisCaFile, 'redis.pem', ca),
    ...files.credentials(
      ENVIRONMENT.redisUsernameFile,
      ENVIRONMENT.redisPasswordFile,
      'redis',
      cache.credentials,
    ),
    value(ENVIRONMENT.redisPoolSize, String(cachePoolSize)),
  ];
}

function databaseEnvironment(
  { database, databasePoolSize = 20 }: NodeProps,
  files: ProjectedFiles,
): EnvVar[] {
  if (!database) return [];
  const { tls } = database;
  return [
    value(ENVIRONMENT.databaseHost, database.host),
    value(ENVIRONMENT.databasePort, String(database.port)),
    value(ENVIRONMENT.databaseName, database.database),
    value(ENVIRONMENT.databaseSslMode, tls === false ? 'disable' : tls.mode),
    ...files.certificate(ENVIRONMENT.databaseSslRootCert, 'database.pem', tls === false ? undefined : tls.ca),
    ...files.credentials(
      ENVIRONMENT.databaseUserFile,
      ENVIRONMENT.databasePasswordFile,
      'database',
      database.credentials,
    ),
    value(ENVIRONMENT.databasePoolSize, String(databasePoolSize)),
  ];
}

/** Collects the files of two projected volumes, and yields the variables that name them. */
class ProjectedFiles {
  readonly secrets: VolumeProjection[] = [];
  readonly certificates: VolumeProjection[] = [];

  secret(variable: string, path: string, reference: SecretKeyReference | undefined): EnvVar[] {
    if (!reference) return [];
    this.secrets.push({ secret: { name: reference.secretName, items: [{ key: reference.key, path }] } });
    return [value(variable, `${DIRECTORIES.secrets}/${path}`)];
  }

  credentials(
    user: string,
    password: string,
    folder: string,
    reference: CredentialsReference | undefined,
  ): EnvVar[] {
    if (!reference) return [];
    const { secretName, usernameKey = 'username', passwordKey = 'password' } = reference;
    return [
      ...this.secret(user, `${folder}/username`, { secretName, key: usernameKey }),
      ...this.secret(password, `${folder}/password`, { secretName, key: passwordKey }),
    ];
  }

  certificate(variable: string, path: string, bundle: CertificateBundle | undefined): EnvVar[] {
    if (!bundle) return [];
    const items = [{ key: bundle.key, path }];
    this.certificates.push(
      'secretName' in bundle
        ? { secret: { name: bundle.secretName, items } }
        : { configMap: { name: bundle.configMapName, items } },
    );
    return [value(variable, `${DIRECTORIES.certificates}/${path}`)];
  }
}

function value(name: string, text: string): EnvVar {
  return { name, value: text };
}

function field(name: string, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
