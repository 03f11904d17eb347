import { listAt, objectsAt, pathTo, textAt, textsAt } from '../json';
import type { JsonValue } from '../kubernetes-object';

/** One condition of a label selector. */
export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
  /** Path of this condition in the selector: `matchLabels.app`, `matchExpressions[0]`. */
  readonly path: string;
}

/** Which labels an object must have to be selected. Without requirements it selects all. */
export interface Selector {
  readonly requirements: readonly Requirement[];
}

/** Reads a LabelSelector (`matchLabels`, `matchExpressions`). */
export function labelSelector(value: JsonValue): Selector {
  const requirements: Requirement[] = mapSelector(textsAt(value, 'matchLabels')).requirements.map(
    (requirement) => ({ ...requirement, path: pathTo('matchLabels', requirement.key) }),
  );
  for (const { item, index } of objectsAt(value, 'matchExpressions')) {
    requirements.push({
      key: textAt(item, 'key') ?? '',
      operator: textAt(item, 'operator') ?? '',
      values: listAt(item, 'values').filter((entry) => typeof entry === 'string'),
      path: pathTo('matchExpressions', index),
    });
  }
  return { requirements };
}

/** A selector from a plain map of labels, as a Service has it. */
export function mapSelector(labels: Readonly<Record<string, string>>): Selector {
  return {
    requirements: Object.entries(labels).map(([key, value]) => ({
      key,
      operator: 'In',
      values: [value],
      path: pathTo('', key),
    })),
  };
}

/** Whether labels meet every condition. */
export function selects(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  return selector.requirements.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}

/** Whether labels may meet every condition: where not all labels are known, one on an unknown label may be met. */
export function maySelect(
  selector: Selector,
  labels: Readonly<Record<string, string>>,
  labelsAreKnown: boolean,
): boolean {
  if (labelsAreKnown) return selects(selector, labels);
  return selects(
    { requirements: selector.requirements.filter(({ key }) => Object.hasOwn(labels, key)) },
    labels,
  );
}

/** A selector as people write it: `app=chat,tier in (web, api)`. */
export function selectorText(selector: Selector): string {
  const parts = selector.requirements.map(({ key, operator, values }) => {
    if (operator === 'In' && values.length === 1) return `${key}=${values[0]}`;
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'NotIn' ? 'notin' : 'in'} (${values.join(', ')})`;
  });
  return parts.join(',') || '(everything)';
}
