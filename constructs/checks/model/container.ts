import { listAt, objectAt, objectsAt, pathTo, scalarText, textAt } from '../json';
import { type KnownApplication, knownApplication } from '../known/applications';
import { type KnownEngine, knownEngine } from '../known/engines';
import { type KnownServer, knownServer } from '../known/servers';
import type { JsonObject, JsonValue } from '../kubernetes-object';
import { type Image, parseImage } from './image';
import { type LoadedModel, loadedModel, modelDirectory, servesModels } from './loaded-model';
import type { Model } from './model';
import { type Probe, probe } from './probe';
import { parseQuantity } from './quantity';
import { readSettings, type Settings } from './settings';
import { type Target, targetsOf } from './targets';
import type { Volume } from './volume';
import type { Workload } from './workload';

/** A port that a container says it listens on. */
export interface ContainerPort {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: string;
  readonly path: string;
}

/** A volume where a container sees it. */
export interface Mount {
  /** Where it is mounted, without a slash at the end: `/models`. */
  readonly mountPath: string;
  readonly subPath: string | undefined;
  readonly readOnly: boolean;
  /** @default none: the pod has no volume of this name */
  readonly volume: Volume | undefined;
  readonly path: string;
}

/** A container of a workload's pods. */
export class Container {
  readonly workload: Workload;
  readonly spec: JsonObject;
  readonly name: string;
  /** Path of the container in the workload's object. */
  readonly path: string;
  /** `init` runs to its end before the others; a `sidecar` is an init container that stays. */
  readonly phase: 'init' | 'sidecar' | 'main';
  readonly image: Image;
  readonly ports: readonly ContainerPort[];

  private readonly model: Model;
  #settings: Settings | undefined;
  #targets: readonly Target[] | undefined;
  #mounts: readonly Mount[] | undefined;

  constructor(model: Model, workload: Workload, spec: JsonObject, path: string, list: string) {
    this.model = model;
    this.workload = workload;
    this.spec = spec;
    this.path = path;
    this.name = textAt(spec, 'name') ?? '';
    this.phase = list === 'containers' ? 'main' : spec.restartPolicy === 'Always' ? 'sidecar' : 'init';
    this.image = parseImage(textAt(spec, 'image') ?? '');
    this.ports = objectsAt(spec, 'ports').flatMap(({ item, index }) => {
      const port = Number(scalarText(item.containerPort));
      return Number.isInteger(port)
        ? [
            {
              name: textAt(item, 'name'),
              port,
              protocol: textAt(item, 'protocol') ?? 'TCP',
              path: pathTo(path, 'ports', index),
            },
          ]
        : [];
    });
  }

  /** The application that the image is known to be. */
  get application(): KnownApplication | undefined {
    return knownApplication(this.image.repository);
  }

  /** The inference engine that the image is known to be. */
  get engine(): KnownEngine | undefined {
    return knownEngine(this.image.repository);
  }

  /** The database or cache that the image is known to be. */
  get server(): KnownServer | undefined {
    return knownServer(this.image.repository);
  }

  /** The model that its engine is told to load. */
  get loadedModel(): LoadedModel | undefined {
    return loadedModel(this);
  }

  /** True where it runs a known engine that serves; false for one that only pulls or converts models. */
  get servesModels(): boolean {
    return servesModels(this);
  }

  /** Folder in which its engine keeps model files. `undefined`: no known engine, or a setting nobody can know. */
  get modelDirectory(): string | undefined {
    return modelDirectory(this);
  }

  /** What it is configured to use: environment, arguments, mounted configuration files. */
  get settings(): Settings {
    this.#settings ??= readSettings(this.model, this);
    return this.#settings;
  }

  /** Hosts and ports that its settings make it connect to. */
  get targets(): readonly Target[] {
    this.#targets ??= targetsOf(this.model, this);
    return this.#targets;
  }

  /** Volumes that it mounts. */
  get mounts(): readonly Mount[] {
    this.#mounts ??= objectsAt(this.spec, 'volumeMounts').flatMap(({ item, index }) => {
      const mountPath = textAt(item, 'mountPath');
      if (mountPath === undefined) return [];
      return {
        mountPath: mountPath.length > 1 ? mountPath.replace(/\/+$/, '') : mountPath,
        subPath: textAt(item, 'subPath') ?? textAt(item, 'subPathExpr'),
        readOnly: item.readOnly === true,
        volume: this.workload.volumes.find(({ name }) => name === item.name),
        path: pathTo(this.path, 'volumeMounts', index),
      };
    });
    return this.#mounts;
  }

  /** The mount that a file or folder of the container lies in: the longest that contains it. */
  mountOf(file: string): Mount | undefined {
    let best: Mount | undefined;
    for (const mount of this.mounts) {
      const contains =
        file === mount.mountPath || file.startsWith(mount.mountPath === '/' ? '/' : `${mount.mountPath}/`);
      if (contains && mount.mountPath.length > (best?.mountPath.length ?? -1)) best = mount;
    }
    return best;
  }

  /** A port given by number or by the name of one of its ports. */
  portNumber(reference: JsonValue): number | undefined {
    if (typeof reference === 'number') return reference;
    if (typeof reference !== 'string') return undefined;
    return /^\d+$/.test(reference)
      ? Number(reference)
      : this.ports.find(({ name }) => name === reference)?.port;
  }

  /** Restarts it when it fails. */
  get livenessProbe(): Probe | undefined {
    return probe(this, 'livenessProbe');
  }

  /** Takes the pod out of Services while it fails. */
  get readinessProbe(): Probe | undefined {
    return probe(this, 'readinessProbe');
  }

  /** Holds the other probes back until it has succeeded once. */
  get startupProbe(): Probe | undefined {
    return probe(this, 'startupProbe');
  }

  /** A request in cores or bytes (or counts of devices); Kubernetes takes the limit where only that is given. */
  request(resource: string): number | undefined {
    const resources = objectAt(this.spec, 'resources');
    return (
      parseQuantity(objectAt(resources, 'requests')[resource]) ??
      parseQuantity(objectAt(resources, 'limits')[resource])
    );
  }

  /** A limit in cores or bytes (or counts of devices). */
  limit(resource: string): number | undefined {
    return parseQuantity(objectAt(this.spec, 'resources', 'limits')[resource]);
  }

  /** `command` and `args` as they stand, each with its path. */
  get commandLine(): readonly { readonly text: string; readonly path: string }[] {
    return ['command', 'args'].flatMap((list) =>
      listAt(this.spec, list).flatMap((item, index) => {
        const text = scalarText(item);
        return text === undefined ? [] : [{ text, path: pathTo(this.path, list, index) }];
      }),
    );
  }
}
