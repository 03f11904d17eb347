import { isPlaceholder } from '../../../contracts/placeholder';
import { isObject, pathTo, scalarText, textAt } from '../../json';
import { hasCredentials, isSecretName, isSecretValue, knownToken } from '../../known/secrets';
import type { JsonObject, JsonValue, KubernetesObject } from '../../kubernetes-object';
import { assignments, type Model } from '../../model';
import type { Finding, Rule } from '../../rule';

/** A password, token or key that whoever may read the object, or the repository, can use. */
export const secretInPlainText: Rule = {
  id: 'security/secret-in-plain-text',
  severity: 'error',
  description: 'A password, token or key in env values, arguments, ConfigMaps or URLs.',
  *check(model: Model) {
    for (const object of model.objects) {
      // Secrets are where secrets belong; definitions and packages of operators hold examples and descriptions.
      if (object.kind === 'Secret' || object.kind === 'CustomResourceDefinition') continue;
      const isConfig = object.kind === 'ConfigMap' && object.group === '';
      if (isConfig) yield* inConfigMap(model, object);
      else yield* new Search(model, object).findings();
    }
  },
};

function finding(
  object: KubernetesObject,
  path: string,
  what: string,
  fix = 'Put it in a Secret, and read it with valueFrom.secretKeyRef.',
): Finding {
  return {
    object,
    path,
    message: `${what} stands here in plain text: whoever may read this ${object.kind}, or the repository that it comes from, has it.`,
    fix,
  };
}

const CREDENTIALS = 'The password in a URL or connection string';
/** Copies of the object, and texts for people. */
const NOT_LOOKED_INTO = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'description',
  'status',
  'managedFields',
]);

/** Looks at every list of variables and every text of an object, whatever its kind. */
class Search {
  private readonly found: Finding[] = [];
  /** Where it looks at the moment; a path is only written for what is found. */
  private readonly steps: (string | number)[] = [];

  constructor(
    private readonly model: Model,
    private readonly object: KubernetesObject,
  ) {}

  findings(): readonly Finding[] {
    this.look(this.object.manifest, '');
    return this.found;
  }

  private look(value: JsonValue, key: string): void {
    if (typeof value === 'string') {
      const what = secretIn(value);
      if (what !== undefined) this.report(what);
    } else if (Array.isArray(value)) {
      const isCommand = key === 'args' || key === 'command';
      value.forEach((item, index) => {
        this.steps.push(index);
        if (isCommand) this.lookAtWord(scalarText(item) ?? '', scalarText(value[index - 1]) ?? '');
        else if (isVariables(key) && isObject(item)) this.lookAtVariable(item);
        else this.look(item, key);
        this.steps.pop();
      });
    } else if (isObject(value)) {
      for (const name of Object.keys(value)) {
        if (NOT_LOOKED_INTO.has(name)) continue;
        this.steps.push(name);
        this.look(value[name], name);
        this.steps.pop();
      }
    }
  }

  private lookAtWord(text: string, previous: string): void {
    const name = inWord(this.model, this.object, text, previous);
    const what = name === undefined ? secretIn(text) : `The value of ${name}`;
    if (what !== undefined) this.report(what);
  }

  private lookAtVariable(item: JsonObject): void {
    const what = variable(this.model, this.object, item);
    if (what === undefined) this.look(item, '');
    else this.report(what, 'value');
  }

  private report(what: string, ...field: readonly string[]): void {
    this.found.push(finding(this.object, pathTo('', ...this.steps, ...field), what));
  }
}

/** Lists of `{name, value}`: variables, headers of probes. */
function isVariables(key: string): boolean {
  return /env(?:ironment)?$/i.test(key) || /^(?:httpHeaders|envVars|extraEnvVars)$/.test(key);
}

function variable(model: Model, object: KubernetesObject, item: JsonObject): string | undefined {
  const name = textAt(item, 'name');
  const value = scalarText(item.value);
  if (name === undefined || value === undefined) return undefined;
  if (isSecret(model, object, name, value)) return `The value of ${name}`;
  // A whole configuration in one variable.
  const inside = /[\n{]/.test(value) ? secretNames(model, object, name, value) : [];
  return inside.length > 0 ? `The value of ${inside.join(', ')} in ${name}` : undefined;
}

/** Names of the secrets that a configuration text gives. */
function secretNames(model: Model, object: KubernetesObject, file: string, text: string): string[] {
  const names = new Set<string>();
  for (const { name, value } of assignments(file, text)) {
    if (isSecret(model, object, name, value)) names.add(name);
  }
  return [...names];
}

function isSecret(model: Model, object: KubernetesObject, name: string, value: string): boolean {
  return (
    isSecretName(name) &&
    !isPlaceholder(value) &&
    isSecretValue(name, value) &&
    // The name of a Secret, which the program reads by itself.
    model.find('Secret', object.namespace, value) === undefined
  );
}

/** A known token or a URL with a password, wherever it stands. */
function secretIn(text: string): string | undefined {
  if (text.length < 8 || isPlaceholder(text)) return undefined;
  if (hasCredentials(text)) return CREDENTIALS;
  const token = knownToken(text);
  return token && `What looks like ${token}`;
}

/** Which flag or variable of a command line has its secret in this word: `--api-key KEY`, `--api-key=KEY`, `NAME=value`. */
function inWord(model: Model, object: KubernetesObject, text: string, previous: string): string | undefined {
  if (/^-{1,2}[\w.-]+$/.test(previous) && !text.startsWith('-') && isSecret(model, object, previous, text))
    return previous;
  const [, flag, value = ''] = /^(-{1,2}[\w.-]+|[A-Za-z_]\w*)=(\S+)$/.exec(text) ?? [];
  if (flag !== undefined) return isSecret(model, object, flag, value) ? flag : undefined;
  if (!/\s/.test(text)) return undefined;
  // A script: flags and variables with a literal value.
  for (const [, name = '', quoted, plain] of text.matchAll(
    /(?:^|[\s;])(--[\w.-]+|[A-Z_][A-Z0-9_]*)(?:=|(?<=--[\w.-]+)\s+)(?:["']([^"'\n]*)["']|([^\s;"'|&<>]+))/g,
  )) {
    if (isSecret(model, object, name, quoted ?? plain ?? '')) return name;
  }
  return undefined;
}

function* inConfigMap(model: Model, object: KubernetesObject): Generator<Finding> {
  const { data } = object.manifest;
  if (!isObject(data)) return;
  const fix = 'Put it in a Secret, and mount that, or read it with valueFrom.secretKeyRef.';
  for (const key of Object.keys(data)) {
    const text = scalarText(data[key]);
    if (text === undefined || isPlaceholder(text)) continue;
    const what = inEntry(model, object, key, text);
    if (what !== undefined) yield finding(object, pathTo('data', key), what, fix);
  }
}

function inEntry(model: Model, object: KubernetesObject, key: string, text: string): string | undefined {
  if (isSecret(model, object, key, text)) return `The value of ${key}`;
  const names = secretNames(model, object, key, text);
  return names.length > 0 ? `The value of ${names.join(', ')}` : secretIn(text);
}
