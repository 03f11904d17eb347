import { type Input, type Output, output, secret } from '@pulumi/pulumi';

export interface ExecKubeconfigArgs {
  /** Name of cluster, user and context. */
  readonly name: Input<string>;
  /** URL of the API server. */
  readonly server: Input<string>;
  /** The API server's authority, base64. */
  readonly certificateAuthority: Input<string>;
  /** Command that prints an ExecCredential: no token ever stands in the state. */
  readonly command: string;
  readonly args: Input<Input<string>[]>;
  /** Version of the ExecCredential that the command prints: clients refuse any other. @default `v1` */
  readonly credentialVersion?: 'v1' | 'v1beta1';
  /** Said by kubectl where the command is missing. */
  readonly installHint: string;
}

/** A kubeconfig (JSON, which is YAML) that asks a cloud's own tool for short-lived tokens. Secret. */
export function execKubeconfig(args: ExecKubeconfigArgs): Output<string> {
  const { name, command, installHint, credentialVersion = 'v1' } = args;
  const text = output({
    name,
    server: args.server,
    certificateAuthority: args.certificateAuthority,
    args: args.args,
  }).apply((facts) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: facts.name,
          cluster: { server: facts.server, 'certificate-authority-data': facts.certificateAuthority },
        },
      ],
      users: [
        {
          name: facts.name,
          user: {
            exec: {
              apiVersion: `client.authentication.k8s.io/${credentialVersion}`,
              command,
              args: facts.args,
              installHint,
              interactiveMode: 'Never',
              provideClusterInfo: true,
            },
          },
        },
      ],
      contexts: [{ name: facts.name, context: { cluster: facts.name, user: facts.name } }],
      'current-context': facts.name,
    }),
  );
  return secret(text);
}
