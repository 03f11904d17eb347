import { objectsAt, pathTo, scalarText, textAt, textsAt, valueAt } from '../json';
import type { KubernetesObject } from '../kubernetes-object';
import type { Model } from './model';
import type { Workload } from './workload';

/** A port of a Service, and where it leads. */
export interface ServicePort {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: string;
  /** Number or name of the pods' port; the port itself where none is given. */
  readonly targetPort: number | string;
  readonly nodePort: number | undefined;
  /** Path of this port in the Service. */
  readonly path: string;
}

/** A Service of the core API. */
export class Service {
  readonly object: KubernetesObject;
  readonly name: string;
  readonly namespace: string;
  /** `ClusterIP` where none is given. */
  readonly type: string;
  readonly isHeadless: boolean;
  /** Labels that its pods must have. `undefined` for one without pods of its own (manual endpoints, ExternalName). */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly ports: readonly ServicePort[];

  private readonly model: Model;
  #workloads: readonly Workload[] | undefined;

  constructor(model: Model, object: KubernetesObject) {
    this.model = model;
    this.object = object;
    this.name = object.name;
    this.namespace = object.namespace;
    const { manifest } = object;
    this.type = textAt(manifest, 'spec', 'type') ?? 'ClusterIP';
    this.isHeadless = valueAt(manifest, 'spec', 'clusterIP') === 'None';
    const selector = textsAt(manifest, 'spec', 'selector');
    this.selector = this.type === 'ExternalName' || Object.keys(selector).length === 0 ? undefined : selector;
    this.ports = objectsAt(manifest, 'spec', 'ports').flatMap(({ item, index }) => {
      const port = Number(scalarText(item.port));
      if (!Number.isInteger(port) || port <= 0) return [];
      return {
        name: textAt(item, 'name'),
        port,
        protocol: textAt(item, 'protocol') ?? 'TCP',
        targetPort: targetPort(item.targetPort) ?? port,
        nodePort: Number(scalarText(item.nodePort)) || undefined,
        path: pathTo('spec', 'ports', index),
      };
    });
  }

  /** Workloads whose pods it selects; hook pods are none of them. */
  get workloads(): readonly Workload[] {
    this.#workloads ??= this.selector ? this.model.pods.selectLabels(this.selector, this.namespace) : [];
    return this.#workloads;
  }

  /** The port that a backend or a client names, by number or name. */
  port(reference: number | string): ServicePort | undefined {
    return this.ports.find(({ port, name }) => port === Number(reference) || name === reference);
  }
}

/** The pods' port that a Service's port leads to; `undefined` where the name is none of the workload's ports. */
export function podPort(port: ServicePort, workload: Workload): number | undefined {
  if (typeof port.targetPort === 'number') return port.targetPort;
  for (const container of workload.runningContainers) {
    const named = container.ports.find(({ name }) => name === port.targetPort);
    if (named) return named.port;
  }
  return undefined;
}

function targetPort(value: unknown): number | string | undefined {
  if (typeof value === 'number' && value > 0) return value;
  if (typeof value !== 'string' || value === '') return undefined;
  return /^\d+$/.test(value) ? Number(value) : value;
}
