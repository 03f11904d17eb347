import { createHash } from 'node:crypto';
import { Construct } from 'constructs';
import type { ConfigMap, Container, EnvVar, Probe, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { type DatabaseConnection, imageName } from '../../constructs/contracts';
import {
  Application,
  type ApplicationProps,
  type Connection,
  certificateVolume,
  connectionTo,
  labels,
  ModelStore,
  makeObjects,
  NetworkIsolation,
  objectName,
  type Reach,
  secretVariable,
  type Traffic,
} from '../../constructs/kubernetes';
import { apiConnection } from '../system/api';
import type { StackBacking } from '../system/backing';
import { makeNamespace } from '../system/namespace';
import { observe } from '../system/observe';
import { resourcesOf, scaleAndProtect, schedulingOf, shutdownOf } from '../system/pods';
import { StateDisk } from '../system/state-disk';
import type { SystemProps, SystemStack } from '../system/system';
import { openTraffic } from '../system/traffic';
import type { SizedWorkload } from '../topology/settings';
import {
  apiKeyVariables,
  CA_FILE,
  CONFIG,
  configFiles,
  controllerAddresses,
  DATABASE_CA,
  databaseVariables,
  MODELS,
  PORTS,
  type Role,
  WORKER_TYPES,
} from './config';
import { type DbgptSettings, type FilesModel, gpuSettings, modelName } from './settings';

/** Name of the web server's workload and Service. */
export const webServer = (name: string) => objectName(name, 'web');

/** Statements that make the web server's tables, in DB-GPT's image. */
const TABLES = '/app/assets/schema/dbgpt.sql';

/** Its log and its traces, which it keeps for ever. */
const LOGS = '/app/logs';

/** What the web server keeps: vectors, work of agents, pictures. */
const STATE = '/app/pilot';

type WorkerRole = 'llm' | 'embedding';

/**
 * DB-GPT: controllers that know the workers by one table of MySQL, workers that register with any controller, and a web
 * server that asks controllers where models are.
 */
export class DbgptStack extends Construct implements SystemStack {
  readonly models: ModelStore;
  /** The web server's own disk. */
  readonly disk: StateDisk;
  readonly controller: Application;
  readonly llm: Application;
  readonly embedding: Application;
  readonly web: Application;
  readonly pods: readonly Application[];
  /** @default none with traffic `none` */
  readonly traffic: Traffic | undefined;
  readonly reach: readonly Reach[];

  constructor(scope: Construct, id: string, { settings, backing }: SystemProps<DbgptSettings>) {
    super(scope, id);
    const { name, state } = settings;
    const named = settings.backing.storage;
    const files = configFiles(settings);
    makeNamespace(this, settings, backing);
    this.models = new ModelStore(this, 'models', {
      name,
      storage: backing.storage,
      ...(named?.kind === 'existing-claim'
        ? { existingClaim: named.name }
        : { size: settings.sharedFiles.size.text }),
    });
    this.disk = new StateDisk(this, 'state', { name, application: 'dbgpt', disk: backing.disk, ...state });

    const part = (role: Role) => this.#part(settings, backing, role, files[role]);
    this.controller = new Application(
      this,
      'controller',
      controllerProps(part('controller'), settings, backing),
    );
    this.llm = new Application(this, 'llm', this.#workerProps(part('llm'), settings, 'llm'));
    this.embedding = new Application(
      this,
      'embedding',
      this.#workerProps(part('embedding'), settings, 'embedding'),
    );
    this.web = new Application(this, 'web', this.#webProps(part('web'), settings, backing));
    this.pods = [this.controller, this.llm, this.embedding, this.web];
    for (const [index, { workload }] of this.pods.entries()) {
      const sized = settings.workloads[index];
      if (sized) scaleAndProtect(this, workload, sized);
    }
    this.traffic = openTraffic(this, settings, {
      application: 'dbgpt',
      service: webServer(name),
      port: PORTS.web,
      healthPath: '/api/health',
      paths: [{ type: 'PathPrefix', path: '/' }],
    });
    observe(this, settings, {
      sized: this.pods.flatMap(({ workload }, index) => {
        const sized = settings.workloads[index];
        return sized ? [{ settings: sized, workload }] : [];
      }),
      backing,
      claims: [this.models.claimName, this.disk.claimName],
    });
    this.reach = settings.network.isolation ? this.#isolate(settings, backing) : [];
  }

  /** What all parts have in common, and their ConfigMap. */
  #part(
    settings: DbgptSettings,
    { image }: StackBacking,
    role: Role,
    data: Readonly<Record<string, string>>,
  ): PartProps {
    const { name, sharedFiles } = settings;
    const own = objectName(name, role);
    const identity = { application: 'dbgpt', instance: name, component: role };
    makeObjects(this, {
      [`${role}-config`]: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: own, labels: labels(identity) },
        data,
      } satisfies ConfigMap,
    });
    const { replicas, resources } = sizedOf(settings, role);
    const { min, max } = replicas;
    const isWorker = role === 'llm' || role === 'embedding';
    return {
      name: own,
      identity,
      // Names that stay: controllers are known by theirs, workers register theirs, the web server has a disk.
      kind: 'StatefulSet',
      image,
      replicas: isWorker && max > min ? { min, max } : min,
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
        'polypod.dev/config': digestOf(data),
      },
      shutdown: shutdownOf(settings),
      scheduling: schedulingOf(settings),
      uid: sharedFiles.uid,
      gid: sharedFiles.gid,
    };
  }

  #workerProps(common: PartProps, settings: DbgptSettings, role: WorkerRole): ApplicationProps {
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
        ...(files ? [{ name: 'models', persistentVolumeClaim: { claimName: this.models.claimName } }] : []),
        ...(files?.gpu ? [sharedMemory(files.gpu.sharedMemory.text)] : []),
      ],
      volumeMounts: [
        ...common.volumeMounts,
        ...(files ? [MODELS_MOUNT] : []),
        ...(files?.gpu ? [{ name: 'shared-memory', mountPath: '/dev/shm' }] : []),
      ],
    };
  }

  #webProps(common: PartProps, settings: DbgptSettings, { database, image }: StackBacking): ApplicationProps {
    const { encryptKey } = settings;
    const health = { httpGet: { path: '/api/health', port: 'http' } };
    const ca = databaseAuthority(database);
    return {
      ...common,
      env: [
        ...common.env,
        ...databaseVariables(database),
        secretVariable('ENCRYPT_KEY', encryptKey.secretName, encryptKey.key),
        { name: 'DBGPT_SKILLS_DIR', value: SKILLS },
      ],
      initContainers: [makeTables(imageName(image), database, TABLES)],
      probes: {
        startup: { ...health, ...patience(600) },
        readiness: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
        liveness: listens('/api/health'),
      },
      volumes: [
        ...common.volumes,
        ...ca.volumes,
        { name: 'state', persistentVolumeClaim: { claimName: this.disk.claimName } },
        { name: 'models', persistentVolumeClaim: { claimName: this.models.claimName } },
      ],
      volumeMounts: [
        ...common.volumeMounts,
        ...ca.volumeMounts,
        { name: 'state', mountPath: STATE },
        { name: 'models', mountPath: MODELS },
      ],
    };
  }

  #isolate(settings: DbgptSettings, backing: StackBacking): readonly Reach[] {
    const { network } = settings;
    const [controller, llm, embedding, web] = [this.controller, this.llm, this.embedding, this.web].map(
      (application) => application.workload.name,
    ) as [string, string, string, string];
    const connections: Connection[] = [
      ...[...(this.traffic?.clients ?? []), ...network.clientsFrom].map((from) => ({
        from,
        to: web,
        ports: [PORTS.web],
        why: 'browsers',
      })),
      ...[llm, embedding, web].map((from) => ({
        from,
        to: controller,
        ports: [PORTS.controller],
        why: from === web ? 'where models are' : 'registration',
      })),
      { from: web, to: llm, ports: [PORTS.llm], why: 'answers' },
      { from: web, to: embedding, ports: [PORTS.embedding], why: 'embeddings' },
      connectionTo(controller, backing.database.egress, 'registry of workers'),
      connectionTo(web, backing.database.egress, 'conversations, knowledge, settings'),
      ...(['llm', 'embedding'] as const).flatMap((role) => {
        const model = settings[role];
        return model.kind === 'proxy' ? [apiConnection(this[role].workload.name, model, 'models')] : [];
      }),
      ...network.egress.map(({ cidrs, ports, why }) => ({ from: web, to: { cidrs }, ports, why })),
    ];
    return new NetworkIsolation(this, 'network', {
      workloads: [
        ...this.pods.map(({ workload }) => workload),
        ...backing.servers.map((one) => one.workload),
      ],
      connections,
      dns: network.dns,
    }).reach;
  }
}

/** What all parts have in common. */
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

function controllerProps(
  common: PartProps,
  settings: DbgptSettings,
  { database, image }: StackBacking,
): ApplicationProps {
  const health = { httpGet: { path: '/api/health', port: 'http' } };
  const exec = { command: ['python', `${CONFIG}/probe.py`, 'controller'] };
  const ca = databaseAuthority(database);
  return {
    ...common,
    env: [
      ...common.env,
      ...databaseVariables(database),
      { name: 'HEARTBEAT_TIMEOUT', value: String(settings.heartbeat.timeout.seconds) },
    ],
    initContainers: [makeTables(imageName(image), database)],
    probes: {
      startup: { ...health, ...patience(300) },
      readiness: { ...health, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
      liveness: { exec, periodSeconds: 30, timeoutSeconds: 15, failureThreshold: 4 },
    },
    volumes: [...common.volumes, ...ca.volumes],
    volumeMounts: [...common.volumeMounts, ...ca.volumeMounts],
  };
}

/** Makes the tables that are missing, once the database answers. */
function makeTables(image: string, database: DatabaseConnection, script?: string): Container {
  return {
    name: 'make-tables',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['python', `${CONFIG}/tables.py`],
    env: [...databaseVariables(database), ...(script ? [{ name: 'TABLES', value: script }] : [])],
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG, readOnly: true },
      ...databaseAuthority(database).volumeMounts,
    ],
  };
}

function databaseAuthority({ tls }: DatabaseConnection): {
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
} {
  if (tls === false || tls.ca === undefined) return { volumes: [], volumeMounts: [] };
  return {
    volumes: [certificateVolume('database-ca', tls.ca, CA_FILE)],
    volumeMounts: [{ name: 'database-ca', mountPath: DATABASE_CA, readOnly: true }],
  };
}

/** What loading files of its own takes: its image, its devices, and a look whether the files are there. */
function ownModel({ image, gpu, path }: FilesModel, common: PartProps): Partial<ApplicationProps> {
  const own = image ? { ...image, pullSecrets: common.image.pullSecrets } : common.image;
  const there: Container = {
    name: 'look-for-model',
    image: imageName(own),
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-c'],
    args: ['[ -e "$MODEL" ] || { echo "nothing is at $MODEL: copy the model there" >&2; exit 1; }'],
    env: [{ name: 'MODEL', value: `${MODELS}/${path}` }],
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
    volumeMounts: [MODELS_MOUNT],
  };
  if (gpu === undefined) return { image: own, initContainers: [there] };
  const { resource, count, nodeSelector, tolerations } = gpuSettings(gpu);
  const { requests, limits } = common.resources;
  const devices = { [resource]: String(count) };
  const { scheduling = {} } = common;
  return {
    image: own,
    initContainers: [there],
    resources: { requests: { ...requests, ...devices }, limits: { ...limits, ...devices } },
    scheduling: {
      ...scheduling,
      nodeSelector: { ...scheduling.nodeSelector, ...nodeSelector },
      tolerations: [...(scheduling.tolerations ?? []), ...tolerations],
    },
  };
}

const MODELS_MOUNT: VolumeMount = { name: 'models', mountPath: MODELS, readOnly: true };

/** Nobody downloads what is missing: a pod says so instead, and the way out is closed. */
const OFFLINE: readonly EnvVar[] = [
  { name: 'HF_HUB_OFFLINE', value: '1' },
  { name: 'TRANSFORMERS_OFFLINE', value: '1' },
];

const sharedMemory = (sizeLimit: string): Volume => ({
  name: 'shared-memory',
  emptyDir: { medium: 'Memory', sizeLimit },
});

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

function sizedOf({ workloads }: DbgptSettings, role: Role): SizedWorkload {
  const found = workloads.find((one) => one.role === role);
  if (found === undefined) throw new TypeError(`DB-GPT has no ${role}`);
  return found;
}
