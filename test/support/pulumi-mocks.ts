import * as pulumi from '@pulumi/pulumi';

/** A resource as the program registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  /** Inputs with secrets opened and unknown values as {@link UNKNOWN}. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Paths of inputs that travel as secrets, such as `stringData.password`. */
  readonly secrets: readonly string[];
  /** Paths of inputs that are not known yet. */
  readonly unknowns: readonly string[];
  readonly parent: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** URNs. */
  readonly dependencies: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly provider: string;
  readonly urn: string;
}

/** Stands for a value that only the cloud will know. */
export const UNKNOWN = '‹unknown›';

export interface MockedCloud {
  /** In `preview`, whatever the cloud makes up is unknown. @default up */
  readonly mode?: 'up' | 'preview';
  /** What the cloud makes up for a resource: addresses, ARNs. */
  readonly outputs?: (resource: pulumi.runtime.MockResourceArgs) => Record<string, unknown>;
  /** Answers of data sources, by token. One that is missing fails the test. */
  readonly answers?: Readonly<Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>>;
  readonly project?: string;
  readonly stack?: string;
}

/** What a program did to a mocked cloud. */
export class ProgramRun<T> {
  constructor(
    /** What the program returned, Outputs still closed. */
    readonly result: T,
    readonly resources: readonly Registered[],
  ) {}

  /** How many custom resources there are of each type. Components and providers are left out. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { type, custom } of this.resources) {
      if (custom && !type.startsWith('pulumi:')) counts[type] = (counts[type] ?? 0) + 1;
    }
    return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)));
  }

  /** All resources of a type. */
  ofType(type: string): readonly Registered[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The resource of a type and, where there are several, of a logical name. */
  get(type: string, name?: string): Registered {
    const found = this.ofType(type).filter((resource) => name === undefined || resource.name === name);
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new Error(`${found.length} resources are ${type} ${name ?? ''}: ${this.names().join(', ')}`);
    }
    return only;
  }

  /** `type name` of every resource, sorted: what must not change when unrelated things do. */
  names(): string[] {
    return this.resources.map(({ type, name }) => `${type} ${name}`).sort();
  }
}

/** Value and secrecy of an Output. In preview an unknown one gives {@link UNKNOWN}. */
export async function opened<T>(output: pulumi.Input<T>): Promise<{ value: unknown; secret: boolean }> {
  const wrapped = pulumi.output(output);
  const secret = await pulumi.isSecret(wrapped);
  const known = await (wrapped as unknown as { isKnown: Promise<boolean> }).isKnown;
  const value = known ? await (wrapped as unknown as { promise(): Promise<unknown> }).promise() : UNKNOWN;
  return { value, secret };
}

/**
 * Runs a program against a mocked cloud until every resource is registered. Fails on what would go wrong only
 * later: two resources of one URN, a secret value that also stands in the open. A rejection that nobody handles
 * fails the test by jest's own watch, because the run waits for it.
 */
export async function runProgram<T>(
  program: () => T | Promise<T>,
  cloud: MockedCloud = {},
): Promise<ProgramRun<T>> {
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (resource) => ({
        id: cloud.mode === 'preview' ? undefined : resource.id || `${resource.name}-id`,
        state: { ...resource.inputs, ...madeUp(resource, cloud) },
      }),
      call: ({ token, inputs }) => {
        const answer = cloud.answers?.[token];
        if (answer === undefined) throw rpcError(`the test has no answer for ${token}`);
        return answer(inputs);
      },
    },
    cloud.project ?? 'polypod',
    cloud.stack ?? 'test',
    cloud.mode === 'preview',
  );
  recordRegistrations(resources);
  const result = await program();
  await pulumi.runtime.disconnect();
  await new Promise((resolve) => setImmediate(resolve));
  // Registration races; tests should not.
  resources.sort((a, b) => (a.urn < b.urn ? -1 : 1));
  refuseSameUrns(resources);
  refuseOpenSecrets(resources);
  return new ProgramRun(result, resources);
}

/** What the cloud makes up; in a preview nobody knows it yet. */
function madeUp(resource: pulumi.runtime.MockResourceArgs, cloud: MockedCloud): Record<string, unknown> {
  const outputs = cloud.outputs?.(resource) ?? {};
  return cloud.mode === 'preview'
    ? (unknownWhereNew(outputs, resource.inputs) as Record<string, unknown>)
    : outputs;
}

function unknownWhereNew(output: unknown, input: unknown): unknown {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) {
    return JSON.stringify(output) === JSON.stringify(input) ? output : pulumi.runtime.unknownValue;
  }
  const inputs: Record<string, unknown> = typeof input === 'object' && input !== null ? { ...input } : {};
  return Object.fromEntries(
    Object.entries(output).map(([key, value]) => [key, unknownWhereNew(value, inputs[key])]),
  );
}

/** Pulumi reads the message of a failed call from where gRPC puts it. */
function rpcError(details: string): Error {
  return Object.assign(new Error(details), { details });
}

/** The part of a gRPC registration request that tests look at; the SDK leaves its type open. */
interface RegistrationRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getProtect(): boolean | undefined;
  getRetainondelete(): boolean | undefined;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getProvider(): string;
  getObject(): { toJavaScript(): Record<string, unknown> };
}

interface RegistrationResponse {
  getUrn(): string;
  getObject(): { toJavaScript(): Record<string, unknown> };
  setObject(value: unknown): void;
}

/** protobuf's, which only the SDK depends on. */
interface StructClass {
  fromJavaScript(value: Record<string, unknown>): unknown;
}

type Callback = (error: unknown, response: RegistrationResponse | undefined) => void;

/** Listens at the mocked engine, which sees options and secrets that `Mocks` does not show. */
function recordRegistrations(resources: Registered[]): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: RegistrationRequest, callback: Callback): Promise<void>;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response !== undefined) {
        resources.push(recorded(request, response.getUrn()));
        markSecretOutputs(request, response);
      }
      callback(error, response);
    });
}

function recorded(request: RegistrationRequest, urn: string): Registered {
  const secrets: string[] = [];
  const unknowns: string[] = [];
  const inputs = opening(request.getObject().toJavaScript(), '', secrets, unknowns);
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    inputs: inputs as Record<string, unknown>,
    secrets,
    unknowns,
    parent: request.getParent(),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    dependencies: request.getDependenciesList(),
    ignoreChanges: request.getIgnorechangesList(),
    provider: request.getProvider(),
    urn,
  };
}

/** Engines make secrets of the outputs that a resource's class names (a random password's `result`); mocks don't. */
function markSecretOutputs(request: RegistrationRequest, response: RegistrationResponse): void {
  const names = request.getAdditionalsecretoutputsList();
  if (names.length === 0) return;
  const outputs = response.getObject().toJavaScript();
  for (const name of names) {
    const value = outputs[name];
    if (value !== undefined && !isSecret(value)) outputs[name] = { [SIGNATURE]: SECRET, value };
  }
  const struct = response.getObject();
  response.setObject((struct.constructor as unknown as StructClass).fromJavaScript(outputs));
}

const SIGNATURE = pulumi.runtime.specialSigKey;
const SECRET = pulumi.runtime.specialSecretSig;

function isSecret(value: unknown): value is { value: unknown } {
  return (
    typeof value === 'object' && value !== null && (value as Record<string, unknown>)[SIGNATURE] === SECRET
  );
}

function opening(value: unknown, path: string, secrets: string[], unknowns: string[]): unknown {
  if (value === pulumi.runtime.unknownValue) {
    unknowns.push(path);
    return UNKNOWN;
  }
  if (isSecret(value)) {
    secrets.push(path);
    return opening(value.value, path, secrets, unknowns);
  }
  if (Array.isArray(value))
    return value.map((item, index) => opening(item, `${path}[${index}]`, secrets, unknowns));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      opening(item, path === '' ? key : `${path}.${key}`, secrets, unknowns),
    ]),
  );
}

function refuseSameUrns(resources: readonly Registered[]): void {
  const seen = new Set<string>();
  for (const { urn } of resources) {
    if (seen.has(urn)) throw new Error(`two resources have the URN ${urn}`);
    seen.add(urn);
  }
}

/** Shorter texts than this may be equal by chance. */
const TELLING_LENGTH = 8;

function refuseOpenSecrets(resources: readonly Registered[]): void {
  const values = new Map<string, string>();
  for (const resource of resources) {
    eachText(resource, (path, text, secret) => {
      // @pulumi/kubernetes closes a Secret as a whole, and with it names that are none.
      if (path.endsWith('.username')) return;
      if (secret && text !== UNKNOWN && text.length >= TELLING_LENGTH)
        values.set(text, `${resource.urn} ${path}`);
    });
  }
  for (const resource of resources) {
    eachText(resource, (path, text, secret) => {
      if (secret) return;
      for (const [value, where] of values) {
        if (text.includes(value)) throw new Error(`${resource.urn} ${path} shows the secret of ${where}`);
      }
    });
  }
}

function eachText(resource: Registered, visit: (path: string, text: string, secret: boolean) => void): void {
  const walk = (value: unknown, path: string, secret: boolean): void => {
    const hidden = secret || resource.secrets.includes(path);
    if (typeof value === 'string') visit(path, value, hidden);
    else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, `${path}[${index}]`, hidden);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value))
        walk(item, path === '' ? key : `${path}.${key}`, hidden);
    }
  };
  walk(resource.inputs, '', false);
}
