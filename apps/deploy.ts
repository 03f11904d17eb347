import './deploy-compile-cache';
import { getRootDirectory, RunError, runtime, secret } from '@pulumi/pulumi';
import { InvalidInputError } from '../constructs/contracts';
import { deploy } from '../stacks/deployment/deploy';
import { planDeployment } from '../stacks/deployment/plan';
import { readStackConfig } from './deploy-config';

/**
 * The Pulumi program: lays the foundation that the stack's config chooses, and the topology on it. Whatever is wrong
 * with the config, or with what exists, is told at once, before anything is registered.
 */
export = async () => {
  const config = readStackConfig(runtime.allConfig(), process.env.PULUMI_CONFIG_SECRET_KEYS);
  try {
    const plan = planDeployment(config.input, {
      prefix: 'polypod:',
      root: getRootDirectory(),
      isSecret: config.isSecret,
      provider: (key) => runtime.getConfig(key),
    });
    const { kubeconfig, ...outputs } = await deploy(plan);
    return { ...outputs, ...(kubeconfig && { kubeconfig: secret(kubeconfig) }) };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new RunError(error.message);
  }
};
