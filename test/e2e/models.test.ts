/** Models from a server inside the network, as a company keeps its own: fetched once, for all pods. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../support/certificates';
import { kubectl, until } from './support/kubectl';
import { currentRun, theClients } from './support/run';
import { DEMO_MODEL, openTo, System } from './support/system';

const PORT = 8443;
/** Wherever the cluster has its pods and Services. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

const run = currentRun();
const clients = theClients();
const host = `hub.${clients.namespace}.svc`;
const system = new System({
  ...run,
  namespace: `${run.namespace}-models`,
  topology: {
    models: [{ ...DEMO_MODEL, name: 'own', source: `https://${host}:${PORT}/own.gguf`, sequences: 4 }],
    network: { ...openTo(run.clientNamespace), modelSource: { cidrs: PRIVATE, ports: [PORT] } },
    security: { trustedCa: { configMapName: 'hub-ca' } },
  },
});

afterAll(() => system.remove());

test('a model behind the certificate of a private authority is fetched once, and every pod answers with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'polypod-hub-'));
  makeCertificates(folder, host);
  const pem = (name: string) => readFileSync(join(folder, name), 'utf8');
  await clients.serve('hub', PORT, 'model-hub.js', {
    HUB_KEY: pem('server.key'),
    HUB_CERTIFICATE: pem('server.crt'),
    HUB_PORT: String(PORT),
  });
  system.createNamespace();
  system.createSecrets();
  const authority = `--from-file=ca.crt=${join(folder, 'ca.crt')}`;
  kubectl(['create', 'configmap', 'hub-ca', '-n', system.namespace, authority]);
  rmSync(folder, { recursive: true });
  system.apply();
  await system.ready(240, 3);

  const { size, fetched } = hubLog();
  expect(fetched.reduce((sum, bytes) => sum + bytes, 0)).toBe(size);
  const answers = system.pods().map(({ metadata }) => ask(metadata.name));
  expect(answers).toHaveLength(3);
  expect(answers[0]?.length).toBeGreaterThan(20);
  expect(new Set(answers).size).toBe(1);
});

test('what is damaged on the volume is mended by a pod that starts', async () => {
  const [pod] = system.pods();
  if (!pod) throw new Error('no pod');
  const { name, uid } = pod.metadata;
  const before = hubLog().fetched.length;
  system.inPod(
    name,
    `const fs = require('node:fs');
    const path = '/models/' + fs.readdirSync('/models', { recursive: true }).find((file) => file.endsWith('own.gguf'));
    const file = fs.openSync(path, 'r+');
    fs.writeSync(file, Buffer.alloc(64, 0xa5), 0, 64, Math.floor(fs.fstatSync(file).size / 2));`,
  );
  kubectl(['delete', 'pod', '-n', system.namespace, name]);
  await until('replaced', 120, () => system.pods().every(({ metadata }) => metadata.uid !== uid));
  await system.ready(120, 3);
  expect(hubLog().fetched.length).toBe(before + 1);
  const verify = ['polypod-runtime', 'models', 'verify', '--json'];
  kubectl(['exec', '-n', system.namespace, name, '-c', 'runtime', '--', ...verify]);
});

function hubLog(): { readonly size: number; readonly fetched: readonly number[] } {
  const script = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = 0;
    fetch('https://127.0.0.1:${PORT}/log').then(async (r) => process.stdout.write(await r.text()))`;
  return JSON.parse(kubectl(['exec', '-n', clients.namespace, 'hub', '--', 'node', '-e', script]));
}

/** What the model says, in a pod; whichever pod it is that writes it. */
function ask(pod: string): string {
  const body = JSON.stringify({ model: 'own', prompt: 'Who are you?', max_tokens: 20, temperature: 0 });
  const script = `fetch('http://127.0.0.1:8080/v1/completions', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(body)},
  }).then(async (r) => process.stdout.write((await r.json()).choices[0].text))`;
  return system.inPod(pod, script);
}
