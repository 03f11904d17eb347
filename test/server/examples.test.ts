/**
 * Every object of every example, held against a real API server: `npm run test:server` with KUBECONFIG. Nothing is
 * created but one namespace, which enforces the `restricted` Pod Security Standard and is deleted at the end.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { polypod } from '../support/polypod';
import { temporaryFolder } from '../support/temporary-folder';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const EXAMPLES = join(__dirname, '../../examples/topologies');
const NAMESPACE = `polypod-dry-run-${process.pid}`;
const folder = temporaryFolder();

const kubectl = (args: readonly string[], input = '') =>
  spawnSync('kubectl', args, { input, encoding: 'utf8', maxBuffer: 2 ** 26 });

/** `apiVersion/kind` of everything that the server knows. */
function servedKinds(): Set<string> {
  const rows = execFileSync('kubectl', ['api-resources', '--no-headers'], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return new Set(
    rows.map((row) => row.trim().split(/\s+/).slice(-3)).map(([version, , kind]) => `${version}/${kind}`),
  );
}

const ready = process.env.KUBECONFIG !== undefined && kubectl(['get', 'namespaces']).status === 0;

beforeAll(() => {
  if (!ready) throw new Error('no cluster answers: set KUBECONFIG, and put kubectl on the PATH');
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
  expect(kubectl(['create', '-f', '-'], JSON.stringify(namespace))).toMatchObject({ status: 0 });
});
afterAll(() => {
  if (ready) kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
});

test('the server accepts every object, strictly, and no pod template breaks the restricted standard', () => {
  expect(polypod(['synth', EXAMPLES, '-o', folder.path]).status).toBe(0);
  const manifests = readdirSync(folder.path).flatMap(
    (name) => loadAll(readFileSync(join(folder.path, name), 'utf8')) as Manifest[],
  );
  const served = servedKinds();
  const unknown = new Set<string>();
  const faults: string[] = [];
  for (const manifest of manifests) {
    if (!served.has(`${manifest.apiVersion}/${manifest.kind}`)) {
      unknown.add(`${manifest.apiVersion} ${manifest.kind}`);
      continue;
    }
    const { namespace, ...metadata } = manifest.metadata;
    const moved = { ...manifest, metadata: { ...metadata, ...(namespace && { namespace: NAMESPACE }) } };
    const apply = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'];
    const { status, stderr } = kubectl(apply, JSON.stringify(moved));
    // Pod Security only warns of a template; what it warns of, it would refuse of the pod.
    if (status !== 0 || /would violate PodSecurity/.test(stderr))
      faults.push(`${manifest.kind}/${metadata.name}: ${stderr}`);
  }
  process.stdout.write(
    `${manifests.length} objects; without a CRD in this cluster, so not tried: ${[...unknown].sort().join(', ') || 'none'}\n`,
  );
  expect(faults).toEqual([]);
}, 300_000);
