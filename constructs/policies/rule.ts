/** Inputs of a resource, as the engine shows them to a policy. */
type Properties = Readonly<Record<string, unknown>>;

/** What must hold of the resources of one type. */
export interface ResourceRule {
  /** Pulumi's type token, without a version of the API: `azure-native:storage:StorageAccount`. */
  readonly type: string;
  /** Field that must change. */
  readonly field: string;
  /** What is wrong with the resource and what to write instead, or `undefined` where nothing is. */
  readonly fault: (properties: Properties) => string | undefined;
}

/** One policy: an idea, and what it means for the resources of each cloud. */
export interface PolicyRules {
  /** Its name in reports and in a policy config. */
  readonly name: string;
  readonly description: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly rules: readonly ResourceRule[];
}

/** The values at a path; lists are gone through. */
export function at(value: unknown, path: string): unknown[] {
  let found = [value];
  for (const key of path.split('.')) {
    found = found.flatMap((one) => {
      if (typeof one !== 'object' || one === null || !Object.hasOwn(one, key)) return [];
      const next: unknown = (one as Properties)[key];
      return next === undefined || next === null ? [] : Array.isArray(next) ? next : [next];
    });
  }
  return found;
}

/** A field that must be `true`; absent counts as not. */
export const mustBeOn = (type: string, field: string, why: string): ResourceRule => ({
  type,
  field,
  fault: (properties) => (at(properties, field).includes(true) ? undefined : `${why}: set ${field} to true`),
});

/** A field that must have one of some values. */
export const mustBe = (
  type: string,
  field: string,
  values: readonly string[],
  why: string,
  whenAbsent: 'fault' | 'fine' = 'fault',
): ResourceRule => ({
  type,
  field,
  fault: (properties) => {
    const found = at(properties, field);
    const isFine =
      found.length === 0 ? whenAbsent === 'fine' : found.every((value) => values.includes(String(value)));
    return isFine ? undefined : `${why}: set ${field} to ${values.join(' or ')}`;
  },
});

/** A field that must not have some values; absent is fine. */
export const mustNotBe = (
  type: string,
  field: string,
  form: RegExp,
  why: string,
  mend: string,
): ResourceRule => ({
  type,
  field,
  fault: (properties) =>
    at(properties, field).some((value) => form.test(String(value))) ? `${why}: ${mend}` : undefined,
});

/** A type that nobody should create any more. */
export const retired = (type: string, why: string): ResourceRule => ({ type, field: '', fault: () => why });

/** Everywhere. */
export const ANYWHERE = /^(0\.0\.0\.0|::)\/0$|^\*$|^Internet$/;
