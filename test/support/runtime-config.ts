import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { loadConfig } from '../../runtime/src/config/load-config.js';
import type { manifestsOf } from './strict-validation';

type Manifest = ReturnType<typeof manifestsOf>[number];
type Config = Awaited<ReturnType<typeof loadConfig>>;

/** What is different in each pod. */
const OF_THE_POD = 'of-the-pod';

/**
 * What the pods of a workload make of the file and the environment that manifests give them: read by the runtime's own
 * code, which refuses what it does not know.
 */
export async function runtimeConfigOf(
  manifests: readonly Manifest[],
  workload: string,
  container = 'runtime',
): Promise<Config> {
  const of = (kinds: readonly string[], name: string) => {
    const found = manifests.find((one) => kinds.includes(one.kind) && one.metadata?.name === name);
    if (!found) throw new Error(`no ${kinds.join(' or ')} ${name}`);
    return found;
  };
  const pod = (of(['Deployment', 'StatefulSet'], workload) as unknown as Workload).spec.template.spec;
  const { env } = pod.containers.find(({ name }) => name === container) ?? { env: [] };
  const map = pod.volumes.find(({ name }) => name === 'config')?.configMap?.name ?? '';
  const { data } = of(['ConfigMap'], map) as unknown as { readonly data: Readonly<Record<string, string>> };

  const folder = mkdtempSync(join(tmpdir(), 'runtime-config-'));
  try {
    const path = join(folder, 'config.yaml');
    writeFileSync(path, data['config.yaml'] ?? '');
    const environment = Object.fromEntries(env.map(({ name, value = OF_THE_POD }) => [name, value]));
    reader ??= bundledReader();
    return await reader({ path, required: true }, environment);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Workload {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly name: string;
          readonly env: readonly { readonly name: string; readonly value?: string }[];
        }[];
        readonly volumes: readonly {
          readonly name: string;
          readonly configMap?: { readonly name: string };
        }[];
      };
    };
  };
}

/** The runtime is a package of ES modules, which jest reads only as one file. */
function bundledReader(): typeof loadConfig {
  const folder = mkdtempSync(join(tmpdir(), 'runtime-config-'));
  try {
    const outfile = join(folder, 'load-config.cjs');
    const entry = join(__dirname, '../../runtime/src/config/load-config.ts');
    buildSync({ entryPoints: [entry], bundle: true, platform: 'node', format: 'cjs', outfile });
    return require(outfile).loadConfig;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
let reader: typeof loadConfig | undefined;
