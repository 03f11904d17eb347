import { Construct } from 'constructs';
import type { ConfigMap } from 'kubernetes-types/core/v1';
import {
  Application,
  type ApplicationProps,
  type Connection,
  connectionTo,
  labels,
  ModelStore,
  makeObjects,
  NetworkIsolation,
  objectName,
  type Reach,
  type Traffic,
} from '../../constructs/kubernetes';
import { apiConnection } from '../system/api';
import type { StackBacking } from '../system/backing';
import { makeNamespace } from '../system/namespace';
import { observe } from '../system/observe';
import { scaleAndProtect } from '../system/pods';
import { StateDisk } from '../system/state-disk';
import type { SystemProps, SystemStack } from '../system/system';
import { openTraffic } from '../system/traffic';
import { configFiles, PORTS, type Role } from './config';
import { controllerProps, type Parts, webProps, workerProps } from './parts';
import type { DbgptSettings } from './settings';

/** Name of the web server's workload and Service. */
export const webServer = (name: string) => objectName(name, 'web');

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

    const claims = { models: this.models.claimName, state: this.disk.claimName };
    const parts: Parts = { settings, backing, files, claims };
    this.controller = this.#application('controller', parts, controllerProps(parts));
    this.llm = this.#application('llm', parts, workerProps(parts, 'llm'));
    this.embedding = this.#application('embedding', parts, workerProps(parts, 'embedding'));
    this.web = this.#application('web', parts, webProps(parts));
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

  /** One part, and its ConfigMap. */
  #application(role: Role, { files }: Parts, props: ApplicationProps): Application {
    makeObjects(this, {
      [`${role}-config`]: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: props.name, labels: labels(props.identity) },
        data: files[role],
      } satisfies ConfigMap,
    });
    return new Application(this, role, props);
  }

  #isolate(settings: DbgptSettings, backing: StackBacking): readonly Reach[] {
    const { network } = settings;
    const controller = this.controller.workload.name;
    const llm = this.llm.workload.name;
    const embedding = this.embedding.workload.name;
    const web = this.web.workload.name;
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
