import type { Input, Output, Resource } from '@pulumi/pulumi';
import { RandomPassword } from '@pulumi/random/randomPassword';
import { KubernetesChart } from '../../constructs/bridge';
import type { ClusterObject } from '../../constructs/cloud';
import { madeUpSecrets } from '../system/secrets';
import { DeploymentChart } from './deployment-chart';
import type { LayOptions } from './foundation-config';
import { connectionFacts } from './outputs';
import type { DeploymentPlan } from './plan';

/** What a deployment tells. */
export interface Deployment {
  /** Base URL of the API. */
  readonly endpoint: string;
  /** A command that shows that it works. */
  readonly tryIt: string;
  /** Secret. @default none with the local foundation, whose kubeconfig is yours */
  readonly kubeconfig: Output<string> | undefined;
  /** Where cache and database are, and which Secrets open them. Secret. */
  readonly connections: Output<unknown>;
  /** What the cloud made: names, addresses. */
  readonly foundation: Readonly<Record<string, Input<unknown>>>;
}

/** Letters of a secret that nobody types: 256 bits. */
const SECRET_LENGTH = 43;

/**
 * Lays a planned deployment: the foundation, then the topology on it. The pods wait for what must be mounted, for
 * their Secrets and for the database's user.
 *
 * @throws InvalidInputError with all that does not fit of what exists, before anything is registered
 */
export async function deploy(plan: DeploymentPlan, options: LayOptions = {}): Promise<Deployment> {
  const { name, system, settings } = plan;
  const laid = await plan.lay(options);
  const chart = new DeploymentChart(name, {
    system,
    settings,
    backing: laid.backing,
    objects: [...laid.objects, ...secretsOf(plan, options)],
    dnsAddress: laid.dnsAddress,
  });
  const ready: Resource[] = [...laid.ready];
  new KubernetesChart(name, { chart }, { ...options, provider: laid.provider, dependsOn: ready });
  const { kubeconfig: _way, ...foundation } = laid.outputs;
  return {
    endpoint: system.endpoint(settings),
    tryIt: system.commandToTry(settings),
    kubeconfig: laid.kubeconfig,
    connections: connectionFacts(chart.backing, settings.namespace),
    foundation,
  };
}

/** The Secrets that the topology refers to and neither the foundation nor its owner makes. */
function secretsOf(plan: DeploymentPlan, options: LayOptions): ClusterObject[] {
  const { system, settings, keptSecrets, huggingFaceToken: token } = plan;
  const made = madeUpSecrets(system, settings).filter(({ name }) => !keptSecrets.includes(name));
  return [
    ...made.map(({ name, random, fixed }) =>
      secretObject(name, {
        ...fixed,
        ...Object.fromEntries(random.map((key) => [key, randomSecret(`${name}-${key}`, options)])),
      }),
    ),
    ...(token ? [secretObject(token.secretName, { [token.key]: token.value })] : []),
  ];
}

function randomSecret(name: string, options: LayOptions): Output<string> {
  return new RandomPassword(name, { length: SECRET_LENGTH, special: false }, options).result;
}

const secretObject = (name: string, stringData: Record<string, Input<string>>): ClusterObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  type: 'Opaque',
  stringData,
});
