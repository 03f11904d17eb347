/** Objects that stand already come under Pulumi as they are. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SUITE_LABEL } from '../e2e/support/applied-topology';
import { kubectl, list, tryKubectl } from '../e2e/support/kubectl';
import { faultOf, PulumiStack } from './pulumi-stack';

const ROOT = join(__dirname, '../..');
const NAMESPACE = `polypod-import-${process.pid}`;

/** A chart of three objects; with `import`, they are taken over instead of made. */
const PROGRAM = `
const { App, Chart, ApiObject } = require('cdk8s');
const { KubernetesChart } = require('${ROOT}/lib/constructs/bridge');
const chart = new Chart(new App(), 'shop', { namespace: '${NAMESPACE}' });
new ApiObject(chart, 'settings', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { colour: 'green' } });
new ApiObject(chart, 'service', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop' }, spec: { selector: { app: 'shop' }, ports: [{ port: 80 }] } });
new KubernetesChart('shop', {
  chart,
  resourceOptions: ({ apiObject }) => ({
    ...(process.env.POLYPOD_IMPORT && { import: '${NAMESPACE}/' + apiObject.name }),
    ...(apiObject.kind === 'Service' && { ignoreChanges: ['spec.clusterIP', 'spec.clusterIPs'] }),
  }),
});`;

const MANIFESTS = `
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: ${NAMESPACE} }
data: { colour: green }
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: ${NAMESPACE} }
spec: { selector: { app: shop }, ports: [{ port: 80, targetPort: 80, protocol: TCP }] }
`;

let folder = '';
beforeAll(() => {
  // Below the root, so that the program finds its packages.
  folder = mkdtempSync(join(ROOT, 'node_modules/.cache-import-'));
  writeFileSync(
    join(folder, 'Pulumi.yaml'),
    'name: import\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n',
  );
  writeFileSync(join(folder, 'package.json'), '{ "name": "import", "main": "index.js" }');
  writeFileSync(join(folder, 'index.js'), PROGRAM);
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE, labels: { [SUITE_LABEL]: 'import' } },
  };
  kubectl(['create', '-f', '-'], JSON.stringify(namespace));
  kubectl(['apply', '--server-side', '-f', '-'], MANIFESTS);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  tryKubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
  delete process.env.POLYPOD_IMPORT;
});

test('objects applied by hand are imported, kept, and then managed', () => {
  const uids = () =>
    list(['configmaps,services', '-n', NAMESPACE])
      .map(({ metadata }) => metadata.uid)
      .sort();
  const before = uids();
  const stack = new PulumiStack(folder, {});
  try {
    process.env.POLYPOD_IMPORT = '1';
    expect(faultOf(stack.up())).toBe('');
    delete process.env.POLYPOD_IMPORT;
    expect(Object.keys(stack.preview())).toEqual(['same']);
    expect(uids()).toEqual(before);
    expect(faultOf(stack.destroy())).toBe('');
  } finally {
    stack.remove();
  }
});
