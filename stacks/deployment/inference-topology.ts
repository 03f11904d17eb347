import * as pulumi from '@pulumi/pulumi';
import { deploy } from './deploy';
import type { DeploymentInput } from './plan';
import { planDeployment } from './plan';

/** What an InferenceTopology is made from: the keys of the stack's config. */
export interface InferenceTopologyArgs {
  /** What it stands on: aws, gcp, azure or local. */
  foundation: string;
  /** The topology's fields, as a topology file has them; what it leaves out under backing, the foundation brings. */
  topology?: pulumi.Inputs;
  /** Path of a topology file, instead of the fields. */
  topologyFile?: string;
  /** Beginning of the names of cloud resources, at most 17 characters. Default: the topology's name. */
  prefix?: string;
  /** Token of Hugging Face, for the Secret that the topology names. Default: that Secret is yours to make. */
  huggingFaceToken?: pulumi.Input<string>;
  /** What to create on AWS, or to use of what exists: the section polypod:aws of the config. */
  aws?: pulumi.Inputs;
  /** The section polypod:gcp of the config. */
  gcp?: pulumi.Inputs;
  /** The section polypod:azure of the config. */
  azure?: pulumi.Inputs;
  /** The section polypod:local of the config. */
  local?: pulumi.Inputs;
}

/**
 * A whole inference system: network, cluster, storage, cache, database and image on a cloud, or those that exist, and
 * a topology on them. The same as `pulumi up` with the config's keys, for programs in any language of Pulumi.
 */
export class InferenceTopology extends pulumi.ComponentResource {
  /** Base URL of the API. */
  readonly endpoint: pulumi.Output<string>;
  /** A command that shows that it works. */
  readonly tryIt: pulumi.Output<string>;
  /** The way into the cluster; empty with the local foundation, whose kubeconfig is yours. Secret. */
  readonly kubeconfig: pulumi.Output<string>;

  /** @throws InvalidInputError with all that is wrong with the arguments, before anything is registered */
  constructor(name: string, args: InferenceTopologyArgs, options?: pulumi.ComponentResourceOptions) {
    const plan = planDeployment(inputOf(args), { prefix: '', root: '.', isSecret: () => true });
    super('polypod:index:InferenceTopology', name, {}, options);
    const deployed = deploy(plan, { parent: this });
    this.endpoint = pulumi.output(deployed.then(({ endpoint }) => endpoint));
    this.tryIt = pulumi.output(deployed.then(({ tryIt }) => tryIt));
    this.kubeconfig = pulumi.secret(deployed.then(({ kubeconfig }) => kubeconfig ?? ''));
    this.registerOutputs({ endpoint: this.endpoint, tryIt: this.tryIt, kubeconfig: this.kubeconfig });
  }
}

/** What is absent must not stand there as `undefined`: a key that is there is looked at. */
function inputOf({ topology, topologyFile, prefix, ...rest }: InferenceTopologyArgs): DeploymentInput {
  const input = { ...rest, topology: topology ?? topologyFile, name: prefix };
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
