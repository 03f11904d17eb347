import { SUITE_LABEL } from './applied-topology';
import { type ClusterObject, list, tryKubectl } from './kubectl';

/** What a run needs and was found. */
export interface Found {
  readonly image: string;
  readonly storageClass: string;
}

const OLDEST_MINOR = 31;
/** What the suite does with its own namespaces, and in them. */
const RIGHTS = ['namespaces', 'pods', 'statefulsets.apps', 'secrets', 'networkpolicies.networking.k8s.io'];

/** All that keeps the suite from running on the cluster that KUBECONFIG leads to, each with its mend. */
export function preconditions(
  environment: NodeJS.ProcessEnv,
): Found | { readonly problems: readonly string[] } {
  if (!environment.KUBECONFIG) {
    return { problems: ['KUBECONFIG is not set: point it at a cluster for tests, such as one made by kind'] };
  }
  const version = tryKubectl(['version', '-o', 'json', '--request-timeout=10s']);
  if (version.status !== 0) {
    return {
      problems: [
        `no cluster answers: ${lastLine(version.stderr)}; is kubectl on the PATH and the cluster up?`,
      ],
    };
  }
  const problems: string[] = [];
  const server = JSON.parse(version.stdout).serverVersion;
  if (Number.parseInt(server?.minor, 10) < OLDEST_MINOR) {
    problems.push(`the cluster runs Kubernetes ${server.gitVersion}: 1.${OLDEST_MINOR} or later is needed`);
  }
  for (const resource of RIGHTS) {
    if (tryKubectl(['auth', 'can-i', 'create', resource, '--all-namespaces']).status !== 0) {
      problems.push(`you may not create ${resource}: use a kubeconfig with the rights of cluster-admin`);
    }
  }
  if (problems.length > 0) return { problems };

  const leftovers = list(['namespaces', '-l', SUITE_LABEL]).map(({ metadata }) => metadata.name);
  if (leftovers.length > 0) {
    problems.push(`a former run left ${leftovers.join(', ')}: kubectl delete namespace -l ${SUITE_LABEL}`);
  }
  const storageClass = environment.E2E_STORAGE_CLASS ?? defaultClass();
  if (storageClass === undefined) {
    problems.push('no storage class is the default: name one with ReadWriteMany in E2E_STORAGE_CLASS');
  }
  const image = environment.E2E_IMAGE;
  if (!image)
    problems.push(
      "E2E_IMAGE is not set: build the images with test/e2e/images/build.sh and name the runtime's",
    );
  if (problems.length > 0 || storageClass === undefined || !image) return { problems };
  return { image, storageClass };
}

function defaultClass(): string | undefined {
  const isDefault = ({ metadata }: ClusterObject) =>
    metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
  return list(['storageclasses']).find(isDefault)?.metadata.name;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
