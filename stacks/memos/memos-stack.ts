import { Construct } from 'constructs';
import type { Container } from 'kubernetes-types/core/v1';
import { type CacheConnection, imageName } from '../../constructs/contracts';
import {
  Application,
  accountIntoUrl,
  type Connection,
  connectionTo,
  type DatabaseBackup,
  ModelStore,
  NetworkIsolation,
  type Reach,
  type Traffic,
} from '../../constructs/kubernetes';
import { backUp } from '../system/back-up';
import type { StackBacking } from '../system/backing';
import { makeNamespace } from '../system/namespace';
import { observe } from '../system/observe';
import { resourcesOf, scaleAndProtect, schedulingOf, shutdownOf } from '../system/pods';
import type { SystemProps, SystemStack } from '../system/system';
import { openTraffic } from '../system/traffic';
import { CACHE_ACCOUNT, DATA, memosEnvironment, PORT } from './environment';
import type { MemosSettings } from './settings';

/** Tries of two seconds each, after which Memos starts without its cache rather than not at all. */
const CACHE_TRIES = 60;

/**
 * Memos on several pods: one Deployment over a shared directory of attachments, sessions and settings in Redis,
 * everything else in PostgreSQL.
 */
export class MemosStack extends Construct implements SystemStack {
  readonly attachments: ModelStore;
  readonly application: Application;
  readonly pods: readonly Construct[];
  /** @default none with traffic `none` */
  readonly traffic: Traffic | undefined;
  readonly reach: readonly Reach[];
  /** @default none unless the topology asks for it */
  readonly backup: DatabaseBackup | undefined;

  constructor(scope: Construct, id: string, { settings, backing }: SystemProps<MemosSettings>) {
    super(scope, id);
    makeNamespace(this, settings, backing);
    const named = settings.backing.storage;
    this.attachments = new ModelStore(this, 'attachments', {
      name: settings.name,
      contents: 'attachments',
      storage: backing.storage,
      ...(named?.kind === 'existing-claim'
        ? { existingClaim: named.name }
        : { size: settings.sharedFiles.size.text }),
    });
    this.application = this.#application(settings, backing);
    this.backup = backUp(this, settings, backing);
    this.pods = [this.application, ...(this.backup ? [this.backup] : [])];
    for (const sized of settings.workloads) scaleAndProtect(this, this.application.workload, sized);
    this.traffic = openTraffic(this, settings, {
      application: 'memos',
      port: PORT,
      healthPath: '/healthz',
      paths: [{ type: 'PathPrefix', path: '/' }],
    });
    observe(this, settings, {
      sized: settings.workloads.map((sized) => ({
        settings: sized,
        workload: this.application.workload,
      })),
      backing,
      claims: [this.attachments.claimName],
    });
    this.reach = settings.network.isolation ? this.#isolate(settings, backing) : [];
  }

  #application(settings: MemosSettings, { image, database, cache }: StackBacking): Application {
    const { name, sharedFiles, workloads } = settings;
    const { env, volumes, volumeMounts } = memosEnvironment(settings, database, cache);
    const sized = workloads[0];
    if (sized === undefined) throw new TypeError('Memos has one workload');
    const { min, max } = sized.replicas;
    const health = { httpGet: { path: '/healthz', port: 'http' } };
    return new Application(this, 'memos', {
      name,
      identity: { application: 'memos', instance: name, component: 'memos' },
      image,
      replicas: sized.autoscaling ? { min, max } : min,
      resources: resourcesOf(sized.resources),
      ...(cache?.credentials && {
        command: ['/bin/sh', '-c'],
        args: [
          `${accountIntoUrl(CACHE_ACCOUNT)}\nexec /usr/local/memos/entrypoint.sh /usr/local/memos/memos`,
        ],
      }),
      env,
      ports: { http: PORT },
      // Migrations of the database run before it listens. Load makes it leave the Service, and never kills it.
      probes: {
        startup: { ...health, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 60 },
        readiness: { ...health, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
        liveness: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
      },
      initContainers: cache ? [waitForCache(imageName(image), cache)] : [],
      volumes: [
        { name: 'attachments', persistentVolumeClaim: { claimName: this.attachments.claimName } },
        ...volumes,
      ],
      volumeMounts: [{ name: 'attachments', mountPath: DATA }, ...volumeMounts],
      shutdown: shutdownOf(settings),
      scheduling: schedulingOf(settings),
      uid: sharedFiles.uid,
      gid: sharedFiles.gid,
    });
  }

  #isolate({ network }: MemosSettings, backing: StackBacking): readonly Reach[] {
    const { name } = this.application.workload;
    const connections: Connection[] = [
      ...[...(this.traffic?.clients ?? []), ...network.clientsFrom].map((from) => ({
        from,
        to: name,
        ports: [PORT],
        why: 'browsers',
      })),
      connectionTo(name, backing.database.egress, 'notes, users, settings'),
      ...(backing.cache
        ? [connectionTo(name, backing.cache.egress, 'shared cache of users and settings')]
        : []),
      ...(this.backup?.connections ?? []),
      ...network.egress.map(({ cidrs, ports, why }) => ({ from: name, to: { cidrs }, ports, why })),
    ];
    return new NetworkIsolation(this, 'network', {
      workloads: [
        this.application.workload,
        ...backing.servers.map(({ workload }) => workload),
        ...(this.backup?.workloads ?? []),
      ],
      connections,
      dns: network.dns,
    }).reach;
  }
}

/** Memos looks for its cache once, when it starts, and does without until it is started again. */
function waitForCache(image: string, { host, port }: CacheConnection): Container {
  return {
    name: 'wait-for-cache',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-c'],
    args: [
      `for try in $(seq ${CACHE_TRIES}); do nc -w 2 "$CACHE_HOST" "$CACHE_PORT" </dev/null && exit 0; sleep 2; done; echo "no cache at $CACHE_HOST:$CACHE_PORT"`,
    ],
    env: [
      { name: 'CACHE_HOST', value: host },
      { name: 'CACHE_PORT', value: String(port) },
    ],
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
  };
}
