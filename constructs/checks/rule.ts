import type { KubernetesObject } from './kubernetes-object';
import type { Model } from './model';

/** How bad a finding is: an error stops a synth or a deployment, a warning is printed. */
export type Severity = 'error' | 'warning';

/** What a rule reports: the object whose field must change, where, why, and the mend. */
export interface Finding {
  /** The object whose field must change. */
  readonly object: KubernetesObject;
  /**
   * Path of the field in that object: `spec.template.spec.containers[0].image`. Where the field is missing, the
   * path that it would have.
   */
  readonly path: string;
  /** What will go wrong, with the values that make it so. One sentence. Never a secret's value. */
  readonly message: string;
  /** What to write instead. One sentence. */
  readonly fix: string;
  /** Where it differs from the rule's own severity. @default the rule's */
  readonly severity?: Severity;
}

/** One thing that must hold of a set of Kubernetes objects. One rule a file, one file a rule. */
export interface Rule {
  /** `area/what-is-wrong`. */
  readonly id: string;
  /** Severity of its findings, unless a finding says otherwise. */
  readonly severity: Severity;
  /** What it finds, in one sentence, for `--format sarif` and the docs. */
  readonly description: string;
  /** Yields each finding. Pure: reads the model, keeps nothing between calls. */
  check(model: Model): Iterable<Finding>;
}
