import { isPlaceholder, type Problem } from '../contracts';

/** Who an object belongs to. Every object and pod of a topology carries this as the recommended labels. */
export interface Identity {
  /** What runs: `polypod-runtime`, `valkey`, `postgresql`. Label `app.kubernetes.io/name`. */
  readonly application: string;
  /** The topology's name, `chat`. Label `app.kubernetes.io/instance`. */
  readonly instance: string;
  /** The part it plays: `worker`, `cache`. Label `app.kubernetes.io/component`. */
  readonly component: string;
  /** The larger system. Label `app.kubernetes.io/part-of`. @default the instance */
  readonly partOf?: string;
}

/** The labels of an object and of its pods. */
export function labels(identity: Identity): Record<string, string> {
  return {
    ...selectorLabels(identity),
    'app.kubernetes.io/part-of': identity.partOf ?? identity.instance,
    'app.kubernetes.io/managed-by': 'polypod',
  };
}

/** The labels that select a workload's pods. Selectors can't be changed later, so they hold what never changes. */
export function selectorLabels(identity: Identity): Record<string, string> {
  return {
    'app.kubernetes.io/name': identity.application,
    'app.kubernetes.io/instance': identity.instance,
    'app.kubernetes.io/component': identity.component,
  };
}

/**
 * Longest name of a workload: a StatefulSet's pods carry `name-hash` as a label of at most 63 characters, and
 * the hash takes up to 11 of them.
 */
export const LONGEST_WORKLOAD_NAME = 52;

/** The name of an object that belongs to another: `objectName('chat', 'peers')` is `chat-peers`. */
export function objectName(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('-');
}

/** What is wrong with a name as a DNS label (RFC 1035, which Services still ask for), if anything. */
export function nameProblems(path: string, name: string, longest = 63): Problem[] {
  if (isPlaceholder(name)) return [];
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    const guess = name
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^[^a-z]+|-+$/g, '');
    return [
      {
        path,
        value: name,
        reason: 'is no DNS label: a-z, 0-9 and "-", with a letter first and no "-" at the end',
        mend: guess === '' ? 'write a name such as "chat"' : `did you mean "${guess}"?`,
      },
    ];
  }
  if (name.length > longest) {
    return [
      {
        path,
        value: name,
        reason: `has ${name.length} characters; ${longest} are left once Kubernetes has added its own`,
        mend: 'choose a shorter name',
      },
    ];
  }
  return [];
}
