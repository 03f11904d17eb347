import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { CronJob } from 'kubernetes-types/batch/v1';
import type { EnvVar, PersistentVolumeClaim, PodSpec } from 'kubernetes-types/core/v1';
import { USER } from '../../../runtime/contract.cjs';
import {
  type DatabaseConnection,
  type ImageReference,
  imageName,
  isPlaceholder,
  type Problem,
  type SharedStorage,
} from '../../contracts';
import { byteSizeOf, parseByteSize } from '../../contracts/units';
import { certificateVolume } from '../application/environment';
import { POSTGRESQL_IMAGE } from '../development/postgresql';
import { type Identity, labels, nameProblems, objectName, selectorLabels } from '../labels';
import { type Connection, connectionTo, type IsolatedWorkload } from '../network/connection';
import { makeObjects, type Overrides } from '../objects';
import { countProblems } from '../problems/count';
import { imageProblems } from '../problems/image';
import { RESTRICTED_CONTAINER, restrictedPod } from '../security';
import { ACCOUNT, BACKUP_SCRIPT, BACKUPS, RESTORE_SCRIPT } from './scripts';

const CERTIFICATES = '/etc/polypod-ca';
const CA_FILE = 'database.pem';
const DEFAULT_SIZE = '10Gi';
/** Length of a CronJob's name, to which Kubernetes adds the minute of each Job. */
const LONGEST_NAME = 52 - '-restore'.length;

/** What is saved, when, where to, and for how long it is kept. */
export interface DatabaseBackupProps {
  /** Name of the topology. */
  readonly name: string;
  /** PostgreSQL. Its account must be able to read every table. */
  readonly database: DatabaseConnection;
  /** Storage that many nodes can mount, for a claim `NAME-backups` that is made; or a claim that exists. */
  readonly volume:
    | { readonly storage: SharedStorage; readonly size?: string }
    | { readonly existingClaim: string };
  /** When, as five fields of cron. @default `17 3 * * *`, every night */
  readonly schedule?: string;
  /** @default `Etc/UTC` */
  readonly timeZone?: string;
  /** Backups that are kept; older ones are removed after each that succeeds. @default 14 */
  readonly keep?: number;
  /** Seconds after which a backup is given up. @default 3600 */
  readonly deadlineSeconds?: number;
  /**
   * Image with bash and PostgreSQL's client programs, no older than the server.
   * @default the official image of PostgreSQL 18.1
   */
  readonly image?: ImageReference;
  /** Owner of the files. @default 10001 */
  readonly uid?: number;
  /** @default 10001 */
  readonly gid?: number;
  readonly overrides?: Overrides<'claim' | 'backup' | 'restore'>;
}

/**
 * Nightly dumps of a PostgreSQL database onto a volume of their own: a CronJob that dumps, reads the dump again and only
 * then removes the oldest, and a suspended CronJob from which a restore is started:
 * `kubectl create job restore --from=cronjob/NAME-restore`.
 *
 * The claim stays when everything else goes. A dump is not encrypted beyond what the volume is. One database's dumps
 * on one volume are no substitute for the backups of the cloud's database, which restore it to any second; they restore
 * it anywhere.
 *
 * @throws InvalidInputError with all problems of the props
 */
export class DatabaseBackup extends Construct {
  readonly claimName: string;
  readonly backup: ApiObject;
  readonly restore: ApiObject;
  /** @default none where the claim exists */
  readonly claim: ApiObject | undefined;
  /** For network policies. */
  readonly workloads: readonly IsolatedWorkload[];
  /** What network policies must open. */
  readonly connections: readonly Connection[];

  constructor(scope: Construct, id: string, props: DatabaseBackupProps) {
    super(scope, id);
    const { name, database, volume } = props;
    const identity = (component: string): Identity => ({
      application: 'database-backup',
      instance: name,
      component,
    });
    this.claimName = 'existingClaim' in volume ? volume.existingClaim : objectName(name, 'backups');
    const made = makeObjects(
      this,
      {
        claim: 'existingClaim' in volume ? undefined : claimOf(this.claimName, volume, identity('backups')),
        backup: this.#cronJob(props, identity('backup'), BACKUP_SCRIPT),
        restore: this.#cronJob(props, identity('restore'), RESTORE_SCRIPT),
      },
      props.overrides,
      backupProblems(props),
    );
    this.claim = made.claim;
    this.backup = made.backup;
    this.restore = made.restore;
    this.workloads = ['backup', 'restore'].map((component) => ({
      name: objectName(name, component),
      selector: selectorLabels(identity(component)),
    }));
    this.connections = this.workloads.map((workload) =>
      connectionTo(workload.name, database.egress, workload.name.endsWith('restore') ? 'restore' : 'backup'),
    );
  }

  #cronJob(props: DatabaseBackupProps, identity: Identity, script: string) {
    const { name, schedule = '17 3 * * *', timeZone = 'Etc/UTC', deadlineSeconds = 3600 } = props;
    const isTemplate = identity.component === 'restore';
    return {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: objectName(name, identity.component), labels: labels(identity) },
      spec: {
        schedule,
        timeZone,
        // A restore is only ever started by hand, from this template.
        suspend: isTemplate,
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 3600,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels: labels(identity) },
          spec: {
            backoffLimit: isTemplate ? 0 : 2,
            activeDeadlineSeconds: deadlineSeconds,
            template: {
              metadata: { labels: labels(identity) },
              spec: podOf(props, this.claimName, identity.component, script),
            },
          },
        },
      },
    } satisfies CronJob;
  }
}

function podOf(
  {
    name,
    database,
    image = POSTGRESQL_IMAGE,
    keep = 14,
    uid = USER.uid,
    gid = USER.gid,
  }: DatabaseBackupProps,
  claimName: string,
  component: string,
  script: string,
): PodSpec {
  const { secretName, usernameKey = 'username', passwordKey = 'password' } = database.credentials;
  const ca = database.tls === false ? undefined : database.tls.ca;
  const pullSecrets = image.pullSecrets ?? [];
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: restrictedPod(uid, gid),
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((secret) => ({ name: secret })) }),
    containers: [
      {
        name: component,
        image: imageName(image),
        imagePullPolicy: 'IfNotPresent',
        command: ['/bin/bash', '-c', script],
        env: [
          value('NAME', name),
          value('KEEP', String(keep)),
          value('ACCOUNT', ACCOUNT),
          value('BACKUPS', BACKUPS),
          value('PGHOST', database.host),
          value('PGPORT', String(database.port)),
          value('PGDATABASE', database.database),
          value('PGCONNECT_TIMEOUT', '15'),
          value('PGSSLMODE', database.tls === false ? 'disable' : database.tls.mode),
          ...(database.tls === false
            ? []
            : [value('PGSSLROOTCERT', ca ? `${CERTIFICATES}/${CA_FILE}` : 'system')]),
        ],
        resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1Gi' } },
        securityContext: RESTRICTED_CONTAINER,
        volumeMounts: [
          { name: 'backups', mountPath: BACKUPS },
          { name: 'account', mountPath: ACCOUNT, readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
          ...(ca ? [{ name: 'certificates', mountPath: CERTIFICATES, readOnly: true }] : []),
        ],
      },
    ],
    volumes: [
      { name: 'backups', persistentVolumeClaim: { claimName } },
      {
        name: 'account',
        secret: {
          secretName,
          defaultMode: 0o440,
          items: [
            { key: usernameKey, path: 'username' },
            { key: passwordKey, path: 'password' },
          ],
        },
      },
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ...(ca ? [certificateVolume('certificates', ca, CA_FILE)] : []),
    ],
  };
}

const value = (name: string, text: string): EnvVar => ({ name, value: text });

function claimOf(
  name: string,
  { storage, size = DEFAULT_SIZE }: { readonly storage: SharedStorage; readonly size?: string },
  identity: Identity,
) {
  const { storageClass, minimumSize = '0Gi' } = storage;
  const wanted = parseByteSize(size);
  const least = parseByteSize(minimumSize);
  const grown =
    wanted.ok && least.ok ? byteSizeOf(Math.max(wanted.value.bytes, least.value.bytes)).text : size;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      labels: labels(identity),
      annotations: {
        // Neither Helm nor Argo CD shall delete it with the rest.
        'helm.sh/resource-policy': 'keep',
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
      },
    },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: typeof storageClass === 'string' ? storageClass : storageClass.name,
      resources: { requests: { storage: grown } },
    },
  } satisfies PersistentVolumeClaim;
}

function backupProblems(props: DatabaseBackupProps): Problem[] {
  const { name, database, volume, image } = props;
  const problems = [
    ...nameProblems('name', name, LONGEST_NAME),
    ...imageProblems('image', image),
    ...countProblems('keep', props.keep, 1),
    ...countProblems('deadlineSeconds', props.deadlineSeconds, 1),
    ...countProblems('uid', props.uid, 1),
    ...countProblems('gid', props.gid, 1),
  ];
  if (database.engine === 'mysql') {
    problems.push({
      path: 'database.engine',
      value: database.engine,
      reason: 'is not what pg_dump reads',
      mend: "leave the backup to the cloud's database, or write a CronJob with mysqldump",
    });
  }
  if (database.tls !== false && !database.tls.ca && !image) {
    problems.push({
      path: 'database.tls.ca',
      value: undefined,
      reason: "is missing: PostgreSQL's image has no authorities of its own to verify the server with",
      mend: 'name the bundle, or an image that has both',
    });
  }
  if ('size' in volume && volume.size !== undefined && !isPlaceholder(volume.size)) {
    const size = parseByteSize(volume.size);
    if (!size.ok) problems.push({ path: 'volume.size', value: volume.size, ...size.fault });
  }
  return problems;
}
