import { Construct } from 'constructs';
import {
  Application,
  type Connection,
  connectionTo,
  type DatabaseBackup,
  type IsolatedWorkload,
  ModelStore,
  NetworkIsolation,
  type Party,
  PUBLIC_INTERNET,
  type Reach,
  type Traffic,
} from '../../constructs/kubernetes';
import { apiConnection } from '../system/api';
import { backUp } from '../system/back-up';
import type { StackBacking } from '../system/backing';
import { makeNamespace } from '../system/namespace';
import { observe } from '../system/observe';
import { resourcesOf, scaleAndProtect, schedulingOf, shutdownOf } from '../system/pods';
import { StateDisk, stateClaim } from '../system/state-disk';
import type { SystemProps, SystemStack } from '../system/system';
import { openTraffic } from '../system/traffic';
import { anythingLlmEnvironment, MODELS, PORT, STORAGE } from './environment';
import { Migration } from './migration';
import type { AnythingLlmSettings } from './settings';

/** Time for which a client stays on its pod: an agent's conversation, an upload. */
const AFFINITY_SECONDS = 3600;

/**
 * AnythingLLM over models that others serve, with its vectors in PostgreSQL and its models on a claim that pods share.
 *
 * With SQLite, one pod keeps everything else on a disk of its own; with PostgreSQL (an image that was built for it),
 * several pods share documents, too.
 */
export class AnythingLlmStack extends Construct implements SystemStack {
  readonly files: ModelStore;
  /** The disk that holds SQLite. @default none with PostgreSQL */
  readonly disk: StateDisk | undefined;
  /** @default none while an old pod's claim is migrated */
  readonly application: Application | undefined;
  readonly pods: readonly Construct[];
  /** @default none with traffic `none` */
  readonly traffic: Traffic | undefined;
  readonly reach: readonly Reach[];
  /** @default none unless the topology asks for it */
  readonly backup: DatabaseBackup | undefined;

  constructor(scope: Construct, id: string, { settings, backing }: SystemProps<AnythingLlmSettings>) {
    super(scope, id);
    const { name, state, migration } = settings;
    const named = settings.backing.storage;
    makeNamespace(this, settings, backing);
    this.files = new ModelStore(this, 'files', {
      name,
      contents: state.kind === 'sqlite' ? 'models' : 'storage',
      storage: backing.storage,
      ...(named?.kind === 'existing-claim'
        ? { existingClaim: named.name }
        : { size: settings.sharedFiles.size.text }),
    });
    this.disk =
      state.kind === 'sqlite'
        ? new StateDisk(this, 'state', { name, application: 'anything-llm', disk: backing.disk, ...state })
        : undefined;

    this.backup = backUp(this, settings, backing);
    const backups = this.backup ? [this.backup] : [];
    let workload: IsolatedWorkload;
    if (migration) {
      const claims = { state: stateClaim(name), models: this.files.claimName };
      const job = new Migration(this, 'migration', {
        settings,
        from: migration,
        image: backing.image,
        claims,
      });
      workload = job.workload;
      this.pods = [job, ...backups];
    } else {
      this.application = this.#application(settings, backing);
      const application = this.application.workload;
      for (const sized of settings.workloads) scaleAndProtect(this, application, sized);
      observe(this, settings, {
        sized: settings.workloads.map((sized) => ({ settings: sized, workload: application })),
        backing,
        claims: [this.files.claimName, ...(this.disk ? [stateClaim(name)] : [])],
      });
      workload = application;
      this.pods = [this.application, ...backups];
      this.traffic = openTraffic(this, settings, {
        application: 'anything-llm',
        port: PORT,
        healthPath: '/api/ping',
        paths: [{ type: 'PathPrefix', path: '/' }],
      });
    }
    this.reach = settings.network.isolation ? this.#isolate(settings, backing, workload) : [];
  }

  #application(settings: AnythingLlmSettings, { image, database }: StackBacking): Application {
    const { name, sharedFiles, workloads, state } = settings;
    const sized = workloads[0];
    if (sized === undefined) throw new TypeError('AnythingLLM has one workload');
    const { min, max } = sized.replicas;
    const { env, volumes, volumeMounts, command } = anythingLlmEnvironment(settings, database);
    const files = { name: 'files', persistentVolumeClaim: { claimName: this.files.claimName } };
    const isSqlite = state.kind === 'sqlite';
    const health = { httpGet: { path: '/api/ping', port: 'http' } };
    return new Application(this, 'anything-llm', {
      name,
      identity: { application: 'anything-llm', instance: name, component: 'anything-llm' },
      // At most one pod, also while a node is not heard of.
      kind: isSqlite ? 'StatefulSet' : 'Deployment',
      image,
      replicas: sized.autoscaling ? { min, max } : min,
      resources: resourcesOf(sized.resources),
      command,
      env,
      ports: { http: PORT },
      // It generates its database client and runs migrations before it listens.
      probes: {
        startup: { ...health, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 60 },
        readiness: { ...health, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
        liveness: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
      },
      volumes: [
        ...(isSqlite
          ? [{ name: 'state', persistentVolumeClaim: { claimName: stateClaim(name) } }, files]
          : // Keys by which server and collector of one pod know each other, made at each start.
            [files, { name: 'pod-keys', emptyDir: { sizeLimit: '1Mi' } }]),
        ...volumes,
      ],
      volumeMounts: [
        ...(isSqlite
          ? [
              { name: 'state', mountPath: STORAGE },
              { name: 'files', mountPath: MODELS },
            ]
          : [
              { name: 'files', mountPath: STORAGE },
              { name: 'pod-keys', mountPath: `${STORAGE}/comkey` },
            ]),
        ...volumeMounts,
      ],
      shutdown: shutdownOf(settings),
      scheduling: schedulingOf(settings),
      uid: sharedFiles.uid,
      gid: sharedFiles.gid,
      // The image writes its database client and its settings beside its own code.
      readOnlyRootFilesystem: false,
      ...(max > 1 && { clientAffinitySeconds: AFFINITY_SECONDS }),
    });
  }

  #isolate(
    settings: AnythingLlmSettings,
    backing: StackBacking,
    workload: IsolatedWorkload,
  ): readonly Reach[] {
    const { network, llm, embedding, web } = settings;
    const { name } = workload;
    const clients: Party[] = [...(this.traffic?.clients ?? []), ...network.clientsFrom];
    const running: Connection[] = [
      ...clients.map((from) => ({ from, to: name, ports: [PORT], why: 'browsers' })),
      connectionTo(name, backing.database.egress, 'vectors'),
      apiConnection(name, llm, 'answers'),
      ...(embedding === 'native' ? [] : [apiConnection(name, embedding, 'embeddings')]),
      ...(web ? [{ from: name, to: PUBLIC_INTERNET, ports: [80, 443], why: 'pages, native models' }] : []),
      ...network.egress.map(({ cidrs, ports, why }) => ({ from: name, to: { cidrs }, ports, why })),
    ];
    return new NetworkIsolation(this, 'network', {
      workloads: [
        workload,
        ...backing.servers.map((server) => server.workload),
        ...(this.backup?.workloads ?? []),
      ],
      connections: [...(this.application ? running : []), ...(this.backup?.connections ?? [])],
      dns: network.dns,
    }).reach;
  }
}
