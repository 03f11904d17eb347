export {
  type CheckOptions,
  type CheckResult,
  check,
  checkManifests,
  type ReportedFinding,
  type SuppressedFinding,
} from './check';
export type { JsonObject, JsonValue, KubernetesObject, Manifest, ObjectOrigin } from './kubernetes-object';
export { type InputProblem, type LoadedManifests, loadManifests } from './load';
export type { Finding, Rule, Severity } from './rule';
export { rules } from './rules';
