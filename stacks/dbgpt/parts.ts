import { createHash } from 'node:crypto';
import type { EnvVar, Probe, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { imageName } from '../../constructs/contracts';
import { type ApplicationProps, objectName, secretVariable } from '../../constructs/kubernetes';
import type { StackBacking } from '../system/backing';
import { resourcesOf, schedulingOf, shutdownOf } from '../system/pods';
import {
  apiKeyVariables,
  CONFIG,
  type configFiles,
  controllerAddresses,
  databaseVariables,
  MODELS,
  PORTS,
  type Role,
  WORKER_TYPES,
} from './config';
import { databaseAuthority, MODELS_MOUNT, makeTables, OFFLINE, ownModel, sharedMemory } from './containers';
import { type DbgptSettings, modelName } from './settings';

/** Statements that make the web server's tables, in DB-GPT's image. */
const TABLES = '/app/assets/schema/dbgpt.sql';

/** Its log and its traces, which it keeps for ever. */
const LOGS = '/app/logs';

/** What the web server keeps: vectors, work of agents, pictures. */
const STATE = '/app/pilot';

type WorkerRole = 'llm' | 'embedding';

/** What the pods are made of. */
export interface Parts {
  readonly settings: DbgptSettings;
  readonly backing: StackBacking;
  /** Of the ConfigMap of each part. */
  readonly files: ReturnType<typeof configFiles>;
  /** Names of the claims: what all pods share, and the web server's own disk. */
  readonly claims: { readonly models: string; readonly state: string };
}

/** Props of an application, less what each part says itself. */
type PartProps = Omit<ApplicationProps, 'probes'> & {
  readonly env: readonly EnvVar[];
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
};

const COMMANDS: Readonly<Record<Role, string>> = {
  controller: 'controller',
  llm: 'worker',
  embedding: 'worker',
  web: 'webserver',
};

/** Skills lie beside those that people add, which the image's own folder does not let them. */
const SKILLS = `${STATE}/skills`;
const BEFORE: Readonly<Partial<Record<Role, string>>> = {
  web: `mkdir -p ${STATE}/home ${SKILLS}\n[ ! -d /app/skills ] || cp -rn /app/skills/. ${SKILLS}/\n`,
};

/** Cuts what it writes and never deletes: the server has it open to append, so that it goes on at the beginning. */
const TIDY = `(while sleep 600; do find ${LOGS} -type f -size +100M -exec truncate -s 0 {} +; find ${LOGS} -type f -mmin +2880 -delete; done) &`;

function digestOf(data: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 16);
}

/** What all parts have in common. */
function partProps({ settings, backing: { image }, files }: Parts, role: Role): PartProps {
  const { name, sharedFiles } = settings;
  const own = objectName(name, role);
  const identity = { application: 'dbgpt', instance: name, component: role };
  const { replicas, resources } = sizedOf(settings, role);
  const { min, max } = replicas;
  return {
    name: own,
    identity,
    // Names that stay: controllers are known by theirs, workers register theirs, the web server has a disk.
    kind: 'StatefulSet',
    image,
    replicas: max > min ? { min, max } : min,
    resources: resourcesOf(resources),
    command: [
      '/bin/sh',
      '-c',
      `${TIDY}\n${BEFORE[role] ?? ''}cd /tmp\nexec dbgpt start ${COMMANDS[role]} -c ${CONFIG}/config.toml`,
    ],
    env: [
      // Whatever it keeps at home: the web server packages that people installed, others nothing of worth.
      { name: 'HOME', value: role === 'web' ? `${STATE}/home` : '/tmp' },
      { name: 'PORT', value: String(PORTS[role]) },
    ],
    ports: { http: PORTS[role] },
    volumes: [
      { name: 'config', configMap: { name: own, defaultMode: 0o444 } },
      { name: 'logs', emptyDir: { sizeLimit: '1Gi' } },
    ],
    volumeMounts: [
      { name: 'config', mountPath: CONFIG, readOnly: true },
      { name: 'logs', mountPath: LOGS },
    ],
    // Pods read their part when they start.
    annotations: {
      'polypod.dev/config': digestOf(files[role]),
    },
    shutdown: shutdownOf(settings),
    scheduling: schedulingOf(settings),
    uid: sharedFiles.uid,
    gid: sharedFiles.gid,
  };
}

/** What a part that speaks to the database has besides: its tables are there before it starts. */
function databasePartProps(parts: Parts, role: 'controller' | 'web', tables?: string) {
  const { database, image } = parts.backing;
  const common = partProps(parts, role);
  const ca = databaseAuthority(database);
  return {
    ...common,
    env: [...common.env, ...databaseVariables(database)],
    initContainers: [makeTables(imageName(image), database, tables)],
    volumes: [...common.volumes, ...ca.volumes],
    volumeMounts: [...common.volumeMounts, ...ca.volumeMounts],
  };
}

/** Controllers. */
export function controllerProps(parts: Parts): ApplicationProps {
  const common = databasePartProps(parts, 'controller');
  const health = { httpGet: { path: '/api/health', port: 'http' } };
  const exec = { command: ['python', `${CONFIG}/probe.py`, 'controller'] };
  return {
    ...common,
    env: [
      ...common.env,
      { name: 'HEARTBEAT_TIMEOUT', value: String(parts.settings.heartbeat.timeout.seconds) },
    ],
    probes: {
      startup: { ...health, ...patience(300) },
      readiness: { ...health, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
      liveness: { exec, periodSeconds: 30, timeoutSeconds: 15, failureThreshold: 4 },
    },
  };
}

/** Workers of one kind. */
export function workerProps(parts: Parts, role: WorkerRole): ApplicationProps {
  const { settings, claims } = parts;
  const common = partProps(parts, role);
  const model = settings[role];
  const own = objectName(settings.name, role);
  const exec = { command: ['python', `${CONFIG}/probe.py`, 'worker'] };
  const files = model.kind === 'files' ? model : undefined;
  return {
    ...common,
    ...(files && ownModel(files, common)),
    env: [
      ...common.env,
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'WORKER_HOST', value: `$(POD_NAME).${objectName(own, 'headless')}` },
      { name: 'WORKER_KEY', value: `${modelName(model)}@${WORKER_TYPES[role]}` },
      { name: 'CONTROLLERS', value: controllerAddresses(settings) },
      ...apiKeyVariables(model),
      ...(files ? OFFLINE : []),
    ],
    probes: {
      startup: { exec, ...patience(files?.startup.seconds ?? 300) },
      readiness: { exec, periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 3 },
      // It listens before its model is loaded. While it computes it may be slow to answer: it has two minutes.
      liveness: listens('/openapi.json'),
    },
    preStop: ['python', `${CONFIG}/leave.py`, String(settings.shutdown.preStop.seconds)],
    volumes: [
      ...common.volumes,
      ...(files ? [{ name: 'models', persistentVolumeClaim: { claimName: claims.models } }] : []),
      ...(files?.gpu ? [sharedMemory(files.gpu.sharedMemory.text)] : []),
    ],
    volumeMounts: [
      ...common.volumeMounts,
      ...(files ? [MODELS_MOUNT] : []),
      ...(files?.gpu ? [{ name: 'shared-memory', mountPath: '/dev/shm' }] : []),
    ],
  };
}

/** The web server. */
export function webProps(parts: Parts): ApplicationProps {
  const { settings, claims } = parts;
  const { encryptKey } = settings;
  const common = databasePartProps(parts, 'web', TABLES);
  const health = { httpGet: { path: '/api/health', port: 'http' } };
  return {
    ...common,
    env: [
      ...common.env,
      secretVariable('ENCRYPT_KEY', encryptKey.secretName, encryptKey.key),
      { name: 'DBGPT_SKILLS_DIR', value: SKILLS },
    ],
    probes: {
      startup: { ...health, ...patience(600) },
      readiness: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
      liveness: listens('/api/health'),
    },
    volumes: [
      ...common.volumes,
      { name: 'state', persistentVolumeClaim: { claimName: claims.state } },
      { name: 'models', persistentVolumeClaim: { claimName: claims.models } },
    ],
    volumeMounts: [
      ...common.volumeMounts,
      { name: 'state', mountPath: STATE },
      { name: 'models', mountPath: MODELS },
    ],
  };
}

/** Two minutes of silence, after which a process is taken for dead. */
const listens = (path: string): Probe => ({
  httpGet: { path, port: 'http' },
  periodSeconds: 20,
  timeoutSeconds: 10,
  failureThreshold: 6,
});

const patience = (seconds: number) => ({
  periodSeconds: 5,
  timeoutSeconds: 10,
  failureThreshold: Math.ceil(seconds / 5),
});

function sizedOf({ workloads }: DbgptSettings, role: Role) {
  const found = workloads.find((one) => one.role === role);
  if (found === undefined) throw new TypeError(`DB-GPT has no ${role}`);
  return found;
}
