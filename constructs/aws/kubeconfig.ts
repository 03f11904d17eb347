import { type Input, type Output, output } from '@pulumi/pulumi';
import { execKubeconfig } from '../cloud';

/** A kubeconfig that asks `aws eks get-token` for tokens. Secret. */
export function eksKubeconfig(args: {
  readonly clusterName: Input<string>;
  readonly region: string;
  readonly server: Input<string>;
  /** Base64. */
  readonly certificateAuthority: Input<string>;
}): Output<string> {
  const { clusterName, region } = args;
  return execKubeconfig({
    name: clusterName,
    server: args.server,
    certificateAuthority: args.certificateAuthority,
    command: 'aws',
    args: output(clusterName).apply((name) => [
      ...['--region', region, 'eks', 'get-token'],
      ...['--cluster-name', name, '--output', 'json'],
    ]),
    installHint: 'Install the AWS CLI, version 2: https://docs.aws.amazon.com/cli/',
  });
}
