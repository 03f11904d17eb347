import { extname } from 'node:path';
import { isObject, objectsAt, scalarText, textAt } from '../json';
import type { JsonObject, JsonValue, KubernetesObject } from '../kubernetes-object';
import { parseYaml } from '../load/yaml';
import type { Container, Mount } from './container';
import type { Model } from './model';
import { entries, type Setting } from './settings';

/** Bigger files are data, not configuration. */
const MAX_LENGTH = 256 * 1024;
const MAX_SETTINGS = 5_000;

/** A file that a container finds in its file system, from a ConfigMap or a Secret. */
export interface ConfigFile {
  /** Path in the container: `/etc/app/config.yaml`. */
  readonly file: string;
  readonly object: KubernetesObject;
  /** Path of its text in that object: `data["config.yaml"]`. */
  readonly path: string;
  readonly text: string | undefined;
  readonly isSecret: boolean;
}

/** The settings in the configuration files that a container mounts. */
export function configFileSettings(model: Model, container: Container, unread: string[]): Setting[] {
  return container.mounts.flatMap((mount) =>
    mountedFiles(model, container, mount, unread).flatMap((file) =>
      model
        .parsedFile(file.object, file.path, () =>
          file.text === undefined ? [] : parseConfig(file.file, file.text),
        )
        .map(([name, value]) => ({
          name,
          value,
          source: 'file' as const,
          isSecret: file.isSecret,
          object: file.object,
          path: file.path,
          file: file.file,
        })),
    ),
  );
}

/** The files that a mount of a ConfigMap, a Secret or a projected volume brings. */
export function mountedFiles(
  model: Model,
  container: Container,
  mount: Mount,
  unread: string[] = [],
): ConfigFile[] {
  const { volume } = mount;
  if (!volume) return [];
  const sources =
    volume.type === 'projected'
      ? objectsAt(volume.source, 'sources').map(({ item }) => item)
      : [{ [volume.type]: volume.source }];
  return sources.flatMap((source) => sourceFiles(model, container, mount, source, unread));
}

function sourceFiles(
  model: Model,
  container: Container,
  mount: Mount,
  source: JsonObject,
  unread: string[],
): ConfigFile[] {
  const [kind, reference] = isObject(source.configMap)
    ? ['ConfigMap', source.configMap]
    : isObject(source.secret)
      ? ['Secret', source.secret]
      : [];
  if (!kind || !reference) return [];
  const name = textAt(reference, 'name') ?? textAt(reference, 'secretName') ?? '';
  const object = model.find(kind, container.workload.namespace, name);
  if (!object) {
    unread.push(`${kind}/${name}`);
    return [];
  }
  const items = objectsAt(reference, 'items').map(
    ({ item }) => [textAt(item, 'key'), textAt(item, 'path')] as const,
  );
  return [...entries(object)].flatMap(({ name: key, value: text, path, isSecret }) => {
    const chosen = items.length === 0 ? key : items.find(([itemKey]) => itemKey === key)?.[1];
    if (chosen === undefined) return [];
    const file =
      mount.subPath === undefined
        ? `${mount.mountPath}/${chosen}`
        : mount.subPath === chosen
          ? mount.mountPath
          : undefined;
    return file === undefined ? [] : [{ file, object, path, text, isSecret }];
  });
}

/** Names and values of a configuration file; what it is follows from its extension. */
function parseConfig(file: string, text: string): [name: string, value: string][] {
  if (text.length > MAX_LENGTH) return [];
  const extension = extname(file).toLowerCase() || (file.endsWith('/.env') ? '.env' : '');
  const found: [string, string][] = [];
  if (/^\.(?:ya?ml|json)$/.test(extension)) flatten(parseYaml(text).value, '', found);
  else if (/^\.(?:env|properties|ini|toml|conf|cnf|cfg|config)$/.test(extension)) readLines(text, found);
  return found;
}

function flatten(value: JsonValue, name: string, found: [string, string][]): void {
  if (found.length >= MAX_SETTINGS) return;
  if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value))
      flatten(child, name === '' ? key : `${name}.${key}`, found);
  } else {
    const text = scalarText(value);
    if (text !== undefined && name !== '') found.push([name, text]);
  }
}

/** `name = value`, `name: value` or `name value` a line; a `[section]` goes before its names. */
function readLines(text: string, found: [string, string][]): void {
  let section = '';
  for (const line of text.split('\n').map((each) => each.trim())) {
    const heading = /^\[\[?([^\]]+)\]\]?$/.exec(line);
    const pair = /^(?:export\s+)?([A-Za-z_][\w.-]*)(?:\s*[=:]\s*|\s+)(\S.*)$/.exec(line);
    if (heading?.[1] !== undefined) section = `${heading[1].trim()}.`;
    else if (pair?.[1] !== undefined && pair[2] !== undefined && found.length < MAX_SETTINGS) {
      found.push([section + pair[1], pair[2].replace(/^(["'])(.*)\1$/, '$2')]);
    }
  }
}
