import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtInKinds, resourceClass } from '../../../constructs/bridge/kinds';

const sdk = dirname(require.resolve('@pulumi/kubernetes/package.json'));
const typeOf = (resource: unknown) => (resource as { __pulumiType?: string }).__pulumiType;

test.each(builtInKinds())('%s %s is a class of %s', (apiVersion, kind) => {
  const group = apiVersion === 'v1' ? 'core/v1' : apiVersion;
  expect(typeOf(resourceClass(apiVersion, kind))).toBe(`kubernetes:${group}:${kind}`);
});

/** What Kubernetes' own components write, and what is no kind. */
const NOT_FOR_MANIFESTS = [
  'Binding',
  'ClusterTrustBundle',
  'DeviceTaintRule',
  'Event',
  'Node',
  'PodCertificateRequest',
  'ResourceSlice',
  'ServiceSpecType',
  'Status',
  'StorageVersionMigration',
];

test('every stable kind that @pulumi/kubernetes has a class for is in the table', () => {
  const known = new Set(builtInKinds().map(([, kind]) => kind));
  const missing = readdirSync(sdk, { withFileTypes: true })
    .filter(
      (group) =>
        group.isDirectory() && !['node_modules', 'types', 'helm', 'yaml', 'kustomize'].includes(group.name),
    )
    .flatMap((group) => readdirSync(join(sdk, group.name)).map((version) => join(group.name, version)))
    .filter((module) => /\/v[12]$/.test(module))
    .flatMap((module) => Object.keys(require(`@pulumi/kubernetes/${module}`)))
    .filter((name) => !/(List|Patch)$/.test(name) && !known.has(name) && !NOT_FOR_MANIFESTS.includes(name));
  expect(missing).toEqual([]);
});

test.each([
  ['an unknown group', 'cert-manager.io/v1', 'Certificate'],
  ['a version that has no class', 'apps/v1beta9', 'Deployment'],
  ["another group's kind of the same name", 'serving.knative.dev/v1', 'Service'],
])('%s becomes a CustomResource', (_, apiVersion, kind) => {
  expect(resourceClass(apiVersion, kind).name).toBe('CustomResource');
});
