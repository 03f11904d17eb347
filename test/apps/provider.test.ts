import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** gRPC's client and Pulumi's messages, of which the SDK publishes no types. */
const { credentials } = require('@grpc/grpc-js') as { credentials: { createInsecure(): unknown } };
const { ResourceProviderClient } = require('@pulumi/pulumi/proto/provider_grpc_pb') as {
  ResourceProviderClient: new (address: string, credentials: unknown) => Client;
};
const { GetSchemaRequest } = require('@pulumi/pulumi/proto/provider_pb') as {
  GetSchemaRequest: new () => unknown;
};

interface Client {
  getSchema(request: unknown, done: (error: Error | null, answer: { getSchema(): string }) => void): void;
  close(): void;
}

interface Schema {
  readonly name: string;
  readonly resources: Record<string, Component | undefined>;
}
interface Component {
  readonly isComponent: boolean;
  readonly inputProperties: Record<
    string,
    { type: string; plain?: boolean; description?: string } | undefined
  >;
  readonly requiredInputs: string[];
  readonly properties: Record<string, { type: string }>;
}

let host: ChildProcess;
let client: Client;

beforeAll(async () => {
  host = spawn(process.execPath, [join(__dirname, '../../lib/apps/provider/index.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (host.stdout === null) throw new Error('the host says nothing');
  const [port] = (await once(createInterface(host.stdout), 'line')) as [string];
  client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
}, 60_000);

afterAll(() => {
  client?.close();
  host?.kill();
});

test('the host answers the schema by which any language of Pulumi makes a deployment', async () => {
  const text = await new Promise<string>((resolve, reject) =>
    client.getSchema(new GetSchemaRequest(), (error, answer) =>
      error ? reject(error) : resolve(answer.getSchema()),
    ),
  );
  const { name, resources } = JSON.parse(text) as Schema;
  expect(name).toBe('polypod');
  expect(Object.keys(resources)).toEqual(['polypod:index:InferenceTopology']);
  const component = resources['polypod:index:InferenceTopology'];
  if (component === undefined) throw new Error('there is no component');
  expect(component.isComponent).toBe(true);
  expect(component.requiredInputs).toEqual(['foundation']);
  expect(Object.keys(component.inputProperties).sort()).toEqual(
    [
      'aws',
      'azure',
      'foundation',
      'gcp',
      'huggingFaceToken',
      'local',
      'prefix',
      'topology',
      'topologyFile',
    ].sort(),
  );
  for (const input of Object.values(component.inputProperties)) expect(input?.description).toMatch(/\w/);
  // A secret may come from elsewhere; the rest decides how many resources there are.
  expect(component.inputProperties.huggingFaceToken?.plain).toBeUndefined();
  expect(component.inputProperties.topology).toMatchObject({ type: 'object', plain: true });
  expect(Object.keys(component.properties).sort()).toEqual(['endpoint', 'kubeconfig', 'tryIt']);
}, 120_000);
