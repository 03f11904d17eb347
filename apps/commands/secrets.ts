import { randomBytes } from 'node:crypto';
import { Yaml } from 'cdk8s';
import type { Command } from 'commander';
import { givenSecrets, madeUpSecrets, type RequiredSecret } from '../../stacks/system/secrets';
import { systemOf } from '../../stacks/system/systems';
import { reportInputErrors } from '../input-errors';
import { readTopologies } from '../topology-files';

/** 256 bits: nobody guesses them, and every server takes their length. */
const RANDOM_BYTES = 32;
const UNUSABLE_INPUT = 2;

/** Adds `polypod secrets`: Secrets with random values, straight into the cluster; they are written nowhere else. */
export function addSecretsCommand(program: Command): void {
  program
    .command('secrets')
    .description('make up the Secrets of topologies, to be piped into kubectl create -f -')
    .argument('<paths...>', 'topology files, and folders of them')
    .addHelpText(
      'after',
      '\npolypod secrets topology.yaml | kubectl create -f -\n' +
        'Secrets that are there already stay as they are: kubectl create refuses to write over them.',
    )
    .action((paths: string[]) => {
      if (process.stdout.isTTY) {
        process.stderr.write('Secrets are not for the screen: polypod secrets FILE | kubectl create -f -\n');
        process.exitCode = UNUSABLE_INPUT;
        return;
      }
      reportInputErrors(() => writeSecrets(paths));
    });
}

function writeSecrets(paths: readonly string[]): void {
  for (const { topology } of readTopologies(paths)) {
    const system = systemOf(topology.kind);
    const settings = system.resolve(topology);
    const { name, namespace } = settings;
    process.stdout.write(
      madeUpSecrets(system, settings)
        .map((secret) => `---\n${Yaml.stringify(manifestOf(secret, name, namespace))}`)
        .join(''),
    );
    for (const [secret, what] of givenSecrets(system, settings)) {
      process.stderr.write(`${namespace}/${secret} is yours to make: ${what}\n`);
    }
  }
}

function manifestOf({ name, random, fixed }: RequiredSecret, topology: string, namespace: string) {
  const made = random.map((key) => [key, randomBytes(RANDOM_BYTES).toString('base64url')]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: { 'app.kubernetes.io/instance': topology, 'app.kubernetes.io/managed-by': 'polypod' },
    },
    type: 'Opaque',
    stringData: { ...fixed, ...Object.fromEntries(made) },
  };
}
