import { isPlaceholder } from '../../contracts/placeholder';
import { objectAt, objectsAt, pathTo, scalarText, textAt, valueAt } from '../json';
import type { JsonObject, KubernetesObject } from '../kubernetes-object';
import { argumentSettings } from './arguments';
import { configFileSettings } from './config-files';
import type { Container } from './container';
import type { Model } from './model';

/** One thing that a container is told, and where the value stands: that is the field a finding points at. */
export interface Setting {
  /** Environment name; `--flag` as written; or the key's path in a configuration file: `database.url`. */
  readonly name: string;
  /**
   * The value, `$(NAME)` replaced where the value of NAME is known. `undefined`: set, but nobody can know to what
   * (a Secret that the input does not hold, a field of the pod, a cloud's answer).
   */
  readonly value: string | undefined;
  readonly source: 'env' | 'argument' | 'file';
  /** True where the value comes from a Secret: never print it. */
  readonly isSecret: boolean;
  /** The object that holds the value: the workload, or the ConfigMap or Secret. */
  readonly object: KubernetesObject;
  readonly path: string;
  /** For `file`: where the container finds it. */
  readonly file?: string;
}

/** Everything that one container is told. */
export class Settings {
  readonly all: readonly Setting[];
  /** ConfigMaps and Secrets that it takes whole, yet the input does not hold: they may set anything. */
  readonly unread: readonly string[];
  /** Words of the command line, those inside of a `sh -c` script included. */
  readonly words: readonly { readonly text: string; readonly path: string }[];

  private readonly byName = new Map<string, Setting>();

  constructor(all: readonly Setting[], unread: readonly string[], words: Settings['words']) {
    this.all = all;
    this.unread = unread;
    this.words = words;
    for (const setting of all) {
      const known = this.byName.get(setting.name);
      // A later variable of the same name wins over an earlier one; environment and arguments over files.
      if (!known || known.source === setting.source) this.byName.set(setting.name, setting);
    }
  }

  /** The setting of exactly this name. */
  get(name: string): Setting | undefined {
    return this.byName.get(name);
  }

  /** The first of several names that is set. */
  first(names: readonly string[]): Setting | undefined {
    for (const name of names) {
      const setting = this.byName.get(name);
      if (setting) return setting;
    }
    return undefined;
  }

  /** The value of a name, where it is set and known. */
  value(name: string): string | undefined {
    return this.byName.get(name)?.value;
  }
}

/** Reads what a container is told. Values are looked up in the ConfigMaps and Secrets of the input. */
export function readSettings(model: Model, container: Container): Settings {
  const unread: string[] = [];
  const environment = new Map<string, Setting>();
  for (const setting of environmentSources(model, container, unread)) environment.set(setting.name, setting);
  for (const setting of variables(model, container)) {
    const value = setting.value === undefined ? undefined : expand(setting.value, environment);
    environment.delete(setting.name);
    environment.set(setting.name, { ...setting, value });
  }
  const { settings, words } = argumentSettings(container, (text) => expand(text, environment));
  const files = configFileSettings(model, container, unread);
  return new Settings([...environment.values(), ...settings, ...files], unread, words);
}

function* environmentSources(model: Model, container: Container, unread: string[]): Generator<Setting> {
  for (const { item } of objectsAt(container.spec, 'envFrom')) {
    const prefix = textAt(item, 'prefix') ?? '';
    for (const [reference, kind] of [
      ['configMapRef', 'ConfigMap'],
      ['secretRef', 'Secret'],
    ] as const) {
      const name = textAt(item, reference, 'name');
      if (name === undefined) continue;
      const object = model.find(kind, container.workload.namespace, name);
      if (!object) unread.push(`${kind}/${name}`);
      else for (const entry of entries(object)) yield { ...entry, name: prefix + entry.name, source: 'env' };
    }
  }
}

function* variables(model: Model, container: Container): Generator<Setting> {
  const { object, namespace } = container.workload;
  for (const { item, index } of objectsAt(container.spec, 'env')) {
    const name = textAt(item, 'name');
    if (name === undefined) continue;
    const own = { name, source: 'env' as const, object, path: pathTo(container.path, 'env', index, 'value') };
    const reference = objectAt(item, 'valueFrom');
    if (item.valueFrom === undefined) {
      yield { ...own, value: known(scalarText(item.value) ?? ''), isSecret: false };
      continue;
    }
    const path = pathTo(container.path, 'env', index, 'valueFrom');
    const found =
      referenced(model, 'ConfigMap', namespace, objectAt(reference, 'configMapKeyRef')) ??
      referenced(model, 'Secret', namespace, objectAt(reference, 'secretKeyRef'));
    if (found) yield { ...found, name, source: 'env' };
    else yield { ...own, path, value: undefined, isSecret: reference.secretKeyRef !== undefined };
  }
}

function referenced(model: Model, kind: string, namespace: string, reference: JsonObject): Entry | undefined {
  const object = model.find(kind, namespace, textAt(reference, 'name') ?? '');
  const key = textAt(reference, 'key');
  return object && key !== undefined ? entry(object, key) : undefined;
}

type Entry = Pick<Setting, 'name' | 'value' | 'isSecret' | 'object' | 'path'>;

/** The entries of a ConfigMap or Secret. A Secret's `stringData` wins over its `data`. */
export function* entries(object: KubernetesObject): Generator<Entry> {
  const keys = new Set(
    ['data', 'stringData'].flatMap((field) => Object.keys(objectAt(object.manifest, field))),
  );
  for (const key of keys) {
    const found = entry(object, key);
    if (found) yield found;
  }
}

/** One entry of a ConfigMap or Secret. */
function entry(object: KubernetesObject, key: string): Entry | undefined {
  const isSecret = object.kind === 'Secret';
  const plain = isSecret ? valueAt(object.manifest, 'stringData', key) : undefined;
  const data = valueAt(object.manifest, 'data', key);
  if (plain === undefined && data === undefined) return undefined;
  const path = pathTo('', plain === undefined ? 'data' : 'stringData', key);
  const text = scalarText(plain ?? data);
  const value = text !== undefined && isSecret && plain === undefined ? decodeBase64(text) : text;
  return { name: key, value: value === undefined ? undefined : known(value), isSecret, object, path };
}

function decodeBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

function known(value: string): string | undefined {
  return isPlaceholder(value) ? undefined : value;
}

/** A variable of variables of variables can grow without measure; nothing sane is as long. */
const MAX_EXPANSION = 4096;

/** Replaces `$(NAME)` as the kubelet does; what is not known stays as it stands. */
function expand(text: string, environment: ReadonlyMap<string, Setting>): string {
  if (!text.includes('$(')) return text;
  let room = MAX_EXPANSION;
  return text.replace(/\$\$\(|\$\(([\w.-]+)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$(';
    const value = environment.get(name)?.value;
    if (value === undefined || value.length > room) return whole;
    room -= value.length;
    return value;
  });
}
