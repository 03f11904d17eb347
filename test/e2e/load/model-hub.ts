/**
 * A server with one model, the demonstration's, as a company keeps its own: TLS, with a certificate of its own
 * authority. `/log` tells the parts of it that were fetched, in bytes.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';

const FOLDER = '/tmp/models';
const { HUB_KEY: key, HUB_CERTIFICATE: cert, HUB_PORT } = process.env;

execFileSync('polypod-runtime', ['models', 'pull', 'demo:'], {
  env: { ...process.env, MODEL_DIR: FOLDER },
  stdio: 'inherit',
});
const model = readFileSync(join(FOLDER, 'demo.gguf'));
const fetched: number[] = [];

createServer({ key, cert }, ({ method, url, headers }, response) => {
  if (url === '/log') {
    response.end(JSON.stringify({ size: model.length, fetched }));
    return;
  }
  const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
  const part = model.subarray(from);
  if (method === 'GET') fetched.push(part.length);
  response.writeHead(headers.range === undefined ? 200 : 206, {
    'accept-ranges': 'bytes',
    'content-length': part.length,
    ...(headers.range !== undefined && {
      'content-range': `bytes ${from}-${model.length - 1}/${model.length}`,
    }),
  });
  response.end(method === 'HEAD' ? undefined : part);
}).listen(Number(HUB_PORT));
