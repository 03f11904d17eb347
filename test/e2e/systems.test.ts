/**
 * The systems of the guides, in their local form: applied and seen to Ready where their images can be had, else held
 * against the API server's schema and admission, and the suite says which.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { AppliedTopology } from './support/applied-topology';
import { record } from './support/figures';
import { streams, unharmed } from './support/harm';
import { kubectl, list, tryKubectl } from './support/kubectl';
import { currentRun, theClients } from './support/run';
import { DEMO_MODEL, openTo, SMALL } from './support/system';

interface Document extends Readonly<Record<string, unknown>> {
  readonly kind: string;
  readonly name: string;
  readonly backing: Readonly<Record<string, unknown>>;
}

const EXAMPLES = join(__dirname, '../../examples/topologies');
const run = currentRun();
const clients = theClients();
/** Its test below takes it further. */
const CHAT = 'streaming-chat-local.yaml';
const local = readdirSync(EXAMPLES).filter((name) => name.endsWith('local.yaml') && name !== CHAT);
/** Systems whose image is the runtime's, which is there. */
const OURS = new Set(['Inference', 'StreamingChat']);
const READY_SECONDS = 420;

afterEach(() => clients.stopAll());

test.each(local)('%s', async (file) => {
  const system = new AppliedTopology(`${run.namespace}-${file.replace('.yaml', '')}`, documentOf(file));
  system.createNamespace();
  try {
    const images = [...new Set(system.manifests().match(/(?<=\bimage: )\S+/g))];
    const missing = [];
    for (const image of images) if (!(await clients.canHave(image))) missing.push(image);
    if (missing.length > 0) {
      expect(faultsOfDryRun(system.manifests())).toEqual('');
      note(
        `${file}: accepted by schema and admission; not run, since ${missing.join(', ')} can't be had here`,
      );
      return;
    }
    system.createSecrets();
    system.apply();
    await system.ready(READY_SECONDS);
    note(`${file}: applied, and Ready`);
  } finally {
    system.remove();
  }
});

test('a chat of gateways, workers and controllers goes on when one of each is deleted at once', async () => {
  const document = documentOf(CHAT);
  const system = new AppliedTopology(`${run.namespace}-roles`, document);
  system.create();
  try {
    await system.ready(READY_SECONDS);
    const load = await streams(clients, { url: `http://${document.name}.${system.namespace}.svc:8080` }, 8);
    const pods = list(['pods', '-n', system.namespace]).map(({ metadata }) => metadata.name);
    const lost = ['worker', 'controller', 'gateway'].map(
      (role) => pods.find((name) => name.includes(`-${role}-`)) ?? role,
    );
    kubectl(['delete', 'pod', '-n', system.namespace, ...lost, '--wait=true']);
    await system.ready();
    record({ rolesStreams: unharmed(load).answered });
  } finally {
    system.remove();
  }
});

/** The example, in storage that this cluster has; what runs on the runtime made small, and opened to the suite's clients. */
function documentOf(file: string): Document {
  const document: Document = parse(readFileSync(join(EXAMPLES, file), 'utf8'));
  const backing = { ...document.backing, storage: { kind: 'existing-class', name: run.storageClass } };
  if (!OURS.has(document.kind)) return { ...document, backing };
  const role = { replicas: 2, resources: SMALL };
  return {
    ...document,
    ...(document.kind === 'Inference' && { resources: SMALL }),
    ...(document.kind === 'StreamingChat' && {
      roles: { gateway: role, worker: role, controller: role },
      security: { access: { mode: 'open' } },
      allow: { 'open-chat': 'clients of a test have no names' },
    }),
    models: [DEMO_MODEL],
    network: openTo(run.clientNamespace),
    backing: { ...backing, image: run.image },
  };
}

function faultsOfDryRun(manifests: string): string {
  const dryRun = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'];
  const { status, stderr } = tryKubectl(dryRun, manifests);
  // Pod Security only warns of a template; what it warns of, it would refuse of the pod.
  return status !== 0 || /would violate PodSecurity/.test(stderr) ? stderr : '';
}

function note(text: string): void {
  process.stdout.write(`  ${text}\n`);
}
