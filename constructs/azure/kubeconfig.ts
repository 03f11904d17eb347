import { type Input, type Output, output } from '@pulumi/pulumi';
import { parse } from 'yaml';
import { execKubeconfig } from '../cloud';

/** How `kubelogin` signs in. */
export type Login = 'azurecli' | 'workloadidentity' | 'spn' | 'msi';
export const LOGINS: readonly Login[] = ['azurecli', 'workloadidentity', 'spn', 'msi'];

/** The application that every AKS cluster with Entra sign-in is, the same in all tenants. */
const AKS_SERVER = '6dae42f8-4368-4678-94ff-3960e28e3630';

/** A kubeconfig that asks `kubelogin` for tokens. Secret. */
export function aksKubeconfig(args: {
  readonly clusterName: Input<string>;
  /** As `listManagedClusterUserCredentials` gives it: base64. Only the server's address and authority are taken. */
  readonly userCredentials: Input<string>;
  readonly login: Login | undefined;
}): Output<string> {
  const cluster = output(args.userCredentials).apply(clusterOf);
  return execKubeconfig({
    name: args.clusterName,
    server: cluster.server,
    certificateAuthority: cluster.certificateAuthority,
    command: 'kubelogin',
    args: ['get-token', '--server-id', AKS_SERVER, '--login', args.login ?? 'azurecli'],
    // What `kubelogin` prints unless told otherwise.
    credentialVersion: 'v1beta1',
    installHint: 'Install kubelogin: https://azure.github.io/kubelogin/',
  });
}

interface Kubeconfig {
  readonly clusters?: readonly {
    readonly cluster?: { readonly server?: string; readonly 'certificate-authority-data'?: string };
  }[];
}

function clusterOf(encoded: string): { server: string; certificateAuthority: string } {
  const { clusters = [] }: Kubeconfig = parse(Buffer.from(encoded, 'base64').toString());
  const cluster = clusters[0]?.cluster;
  return {
    server: cluster?.server ?? '',
    certificateAuthority: cluster?.['certificate-authority-data'] ?? '',
  };
}
