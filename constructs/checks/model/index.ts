/**
 * What rules read, and how to write one.
 *
 * A rule is one file, `rules/<area>/<what-is-wrong>.ts`, one line in `rules/index.ts`, and one test file with cases that
 * fire and near misses that don't (`test/support/check-rule.ts`: `findingsOf(rule, yaml)`). It is a generator over
 * the {@link Model}: pure, linear in the input, and it never throws, whatever a manifest holds.
 *
 * **Where to start**
 * - `model.workloads`: one {@link Workload} for each pod template. Hooks and tests are only in `model.allWorkloads`.
 *   `replicas.guaranteed` is what "two or more" means, `replicas.possible` what "can have more than one" means,
 *   `replicas.text` says it in a message, `replicas.object` and `.path` are the field that sets it.
 * - `workload.containers` (init first), `workload.runningContainers` (main and sidecars). A {@link Container} has
 *   `image`, `ports`, `mounts`, `mountOf(file)`, probes with defaults filled in and named ports resolved
 *   (`livenessProbe.patienceSeconds`, `.question`), `request('cpu')`, `limit('memory')` in cores and bytes.
 * - `container.settings`: what it is told by env, envFrom, arguments and mounted configuration files. `get(NAME)`,
 *   `first([NAME, '--flag', 'key.in.file'])`, `all`. Report at `setting.object` and `setting.path`: the ConfigMap
 *   where the value stands there. `value === undefined` means set but unknowable; `settings.unread` lists whole
 *   Secrets and ConfigMaps that the input lacks: then "is not set" can't be said. Never print a value of `isSecret`.
 * - `container.targets`: hosts and ports that it connects to, with the Service of the input where there is one.
 * - `container.application`, `.engine`, `.server`: the known facts (`known/*.ts`, each with its source). Add facts there,
 *   not in rules. `container.servesModels` (not where it only pulls), `.loadedModel`, `.modelDirectory`; `modelVolumes(workload)`.
 * - `model.services`, `.servicesOf(workload)`, `service.workloads`, `service.port(ref)`, `podPort(port, workload)`;
 *   `model.routes`, `.routesTo(service)` (Ingress, Gateway API, Traefik, Istio, Contour, OpenShift).
 * - `egressOf(model, workload)`: what NetworkPolicies leave open, asked with `reaches` and `opensPort`.
 * - `model.budgetsOf`, `.policiesOf`, `workload.autoscalers`; `model.claims()`, `.mountsOf(claim)`, `claim.storage`.
 * - `model.ofKind('StorageClass')`, `.find(kind, namespace, name)` for everything else; then `valueAt`, `textAt`, `numberAt`,
 *   `objectsAt` … of `../json`, which read a wrong type as missing, and `pathTo` to write paths.
 *
 * **What to heed**
 * - Say only what is certain. What the input does not hold, and placeholders (`numberAt` leaves them out; for texts ask
 *   `isPlaceholder`), is not known, and not known is no finding.
 * - The object of a finding is the one whose field must change. Where a field is missing, its path as it would be.
 * - `message`: what will go wrong and the values that make it so, one sentence. `fix`: what to write, one sentence.
 * - No pairwise loops over the input: `model.pods.select(selector, namespace)` finds pods by index.
 * - One object may stand twice in an input (base and overlay): don't count it as two.
 *
 * @module
 */
export { Affinity } from './affinity';
export { type Assignment, assignments } from './assignments';
export type { Autoscaler } from './autoscaler';
export type { ConfigFile } from './config-files';
export { mountedFiles } from './config-files';
export { type ConnectionPool, connectionLimit, connectionPools } from './connections';
export type { Container, ContainerPort, Mount } from './container';
export { devicesOf } from './devices';
export { type Destination, type Egress, egress, egressOf, opensPort, policyToMend, reaches } from './egress';
export { allowanceOf, coveredPods, podCount } from './eviction';
export type { Image } from './image';
export { loadingContainers, modelLoad } from './load-time';
export type { LoadedModel } from './loaded-model';
export { type ClaimMount, Model } from './model';
export { modelMounts, modelPlaces, modelVolumes } from './model-files';
export { Monitors } from './monitor';
export { kubernetesObjects } from './objects';
export { followsOtherPods, pinnedNode } from './placement';
export type { Budget, NetworkPolicy } from './policy';
export { cidrHolds, policyRules } from './policy-rule';
export type { Probe } from './probe';
export { parseQuantity } from './quantity';
export { replicatedWorkloads } from './replicated';
export { type Binding, Rights, serviceAccountOf } from './rights';
export type { Route } from './route';
export {
  labelSelector,
  mapSelector,
  type Requirement,
  type Selector,
  selectorText,
  selects,
} from './selector';
export { podPort, type Service, type ServicePort } from './service';
export type { Setting, Settings } from './settings';
export { slowestShutdown } from './shutdown';
export type { StorageBacking } from './storage-class';
export type { Target } from './targets';
export type { Claim, Volume } from './volume';
export type { Replicas, Workload } from './workload';
