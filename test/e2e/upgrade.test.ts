/** From an earlier version's manifests to this one's, under load. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyStrictly } from './support/applied-topology';
import { recordGaps, streams, unharmed } from './support/harm';
import { list } from './support/kubectl';
import { theClients, theSystem } from './support/run';
import { System } from './support/system';

const ROOT = join(__dirname, '../..');
/** The oldest version whose topologies say all that the suite's does. */
const OLDEST = 'bea64fd';
const earlier = process.env.E2E_UPGRADE_FROM ?? OLDEST;
/** Its runtime, where there is an image of it. */
const earlierImage = process.env.E2E_UPGRADE_FROM_IMAGE;

const known = spawnSync('git', ['cat-file', '-e', `${earlier}^{commit}`], { cwd: ROOT }).status === 0;
const clients = theClients();
afterEach(() => clients.stopAll());

(known ? test : test.skip)(
  `from the manifests of ${earlier} (skipped where git does not know that commit)`,
  async () => {
    const { options } = theSystem();
    const system = new System({ ...options, namespace: `${options.namespace}-upgrade` });
    const checkout = mkdtempSync(join(tmpdir(), 'polypod-earlier-'));
    system.createNamespace();
    try {
      system.createSecrets();
      const { backing } = system.topology() as { backing: object };
      const before = earlierImage === undefined ? {} : { backing: { ...backing, image: earlierImage } };
      applyStrictly(system.manifests(before, buildEarlier(checkout)));
      await system.ready();
      const objects = uids(system.namespace);

      const load = await streams(clients, system, 12);
      system.apply();
      await system.ready();
      recordGaps('upgrade', unharmed(load).gaps);
      expect(uids(system.namespace)).toEqual(expect.arrayContaining(objects));
    } finally {
      system.remove();
      spawnSync('git', ['worktree', 'remove', '--force', checkout], { cwd: ROOT });
      rmSync(checkout, { recursive: true, force: true });
    }
  },
);

/** Checks the earlier commit out and builds its command there, with this checkout's packages. */
function buildEarlier(folder: string): string {
  execFileSync('git', ['worktree', 'add', '--detach', folder, earlier], { cwd: ROOT, stdio: 'pipe' });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'pipe' });
  return join(folder, 'lib/apps/polypod.js');
}

/** Of what must not be made anew. */
const uids = (namespace: string) =>
  list(['statefulsets,services,persistentvolumeclaims', '-n', namespace]).map(
    ({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.uid}`,
  );
