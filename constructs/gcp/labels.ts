import type { Input } from '@pulumi/pulumi';
import { known, matches } from '../cloud';
import type { Problem } from '../contracts';

/** Labels of every resource of a component. */
export type Labels = Readonly<Record<string, Input<string>>>;

/** A resource may have 64; two are ours and Pulumi's. https://cloud.google.com/resource-manager/docs/labels-overview */
const MOST = 62;

/** A component's labels: its name, so that consoles and bills can tell systems apart, and the user's. */
export function componentLabels(name: string, labels: Labels | undefined): Record<string, Input<string>> {
  return { 'polypod-component': name, ...labels };
}

/** What Google Cloud would refuse: capitals, other characters, and lengths. */
export function labelProblems(labels: Labels = {}): Problem[] {
  const keys = Object.keys(labels);
  const tooMany = {
    path: 'labels',
    value: keys.length,
    reason: 'are too many',
    mend: `give ${MOST} at most`,
  };
  return [
    ...(keys.length > MOST ? [tooMany] : []),
    ...Object.entries(labels).flatMap(([key, value]) => {
      const path = `labels[${JSON.stringify(key)}]`;
      const badKey = {
        path,
        value: known(value),
        reason: 'has a key that is not 1 to 63 lowercase letters, digits, _ and -, beginning with a letter',
        mend: 'choose another key',
      };
      return [
        ...(/^[a-z][a-z0-9_-]{0,62}$/.test(key) ? [] : [badKey]),
        ...matches(path, value, /^[a-z0-9_-]{0,63}$/, {
          reason: 'is not a value that labels take',
          mend: 'write at most 63 lowercase letters, digits, _ and -',
        }),
      ];
    }),
  ];
}
