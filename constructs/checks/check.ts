import type { JsonObject, Manifest } from './kubernetes-object';
import { kubernetesObjects, Model } from './model';
import type { Finding, Rule, Severity } from './rule';
import { rules } from './rules';
import { suppression } from './suppression';

/** A finding, and the rule that made it. */
export interface ReportedFinding extends Finding {
  readonly rule: string;
  readonly severity: Severity;
}

/** A finding that an annotation on its object allows. */
export interface SuppressedFinding extends ReportedFinding {
  /** The annotation's value. */
  readonly reason: string;
}

/** What the rules have found. */
export interface CheckResult {
  /** In the order of the input's objects, then of paths and rules: the same input gives the same list. */
  readonly findings: readonly ReportedFinding[];
  readonly suppressed: readonly SuppressedFinding[];
  /** Kubernetes objects that were looked at. */
  readonly objects: number;
}

/** Which rules are applied, and in which namespace objects are that name none. */
export interface CheckOptions {
  /** Namespace of objects that name none. @default the only one that the input names, else `default` */
  readonly namespace?: string;
  /** Rules to apply. @default all */
  readonly rules?: readonly Rule[];
}

/**
 * Applies the rules to manifests in memory, as synth and the Pulumi bridge do. Lists are taken apart; what is no
 * Kubernetes object is left alone; placeholders of values that are not known yet are not judged.
 */
export function checkManifests(manifests: Iterable<JsonObject>, options: CheckOptions = {}): CheckResult {
  const found = [...manifests].map((manifest) => ({ manifest, origin: { file: '' } }));
  return check(found, options);
}

/** Applies the rules to manifests whose origin is known. */
export function check(manifests: Iterable<Manifest>, options: CheckOptions = {}): CheckResult {
  const objects = kubernetesObjects(manifests, options.namespace);
  const model = new Model(objects);
  const findings: ReportedFinding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const rule of options.rules ?? rules) {
    for (const finding of rule.check(model)) {
      const reported = { ...finding, rule: rule.id, severity: finding.severity ?? rule.severity };
      const allowed = suppression(model, finding.object, rule.id);
      if (allowed.kind === 'allowed') suppressed.push({ ...reported, reason: allowed.reason });
      else if (allowed.kind === 'none') findings.push(reported);
      else
        findings.push({
          ...reported,
          message: `${reported.message} (${allowed.annotation} gives no reason, so the rule stays on.)`,
        });
    }
  }
  const position = new Map(objects.map((object, index) => [object, index]));
  const inOrder = (a: ReportedFinding, b: ReportedFinding) =>
    (position.get(a.object) ?? 0) - (position.get(b.object) ?? 0) ||
    compare(padded(a.path), padded(b.path)) ||
    compare(a.rule, b.rule) ||
    compare(a.message, b.message);
  return { findings: findings.sort(inOrder), suppressed: suppressed.sort(inOrder), objects: objects.length };
}

/** So that `containers[10]` comes after `containers[9]`. */
function padded(path: string): string {
  return path.replace(/\d+/g, (digits) => digits.padStart(6, '0'));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
