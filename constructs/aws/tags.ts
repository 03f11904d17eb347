import type { Input } from '@pulumi/pulumi';
import { known } from '../cloud';
import type { Problem } from '../contracts';

/** Tags of every resource of a component. */
export type Tags = Readonly<Record<string, Input<string>>>;

/** A component's tags: its name, so that consoles and bills can tell systems apart, and the user's. */
export function componentTags(name: string, tags: Tags | undefined): Record<string, Input<string>> {
  return { Name: name, 'polypod:component': name, ...tags };
}

/** What AWS would refuse: reserved keys, and lengths. */
export function tagProblems(tags: Tags | undefined): Problem[] {
  return Object.entries(tags ?? {}).flatMap(([key, value]) => {
    const path = `tags[${JSON.stringify(key)}]`;
    const text = known(value);
    const problems: Problem[] = [];
    if (/^aws:/i.test(key)) {
      problems.push({
        path,
        value: text,
        reason: 'begins with "aws:", which AWS keeps for itself',
        mend: 'choose another key',
      });
    }
    if (key.length === 0 || key.length > 128) {
      problems.push({
        path,
        value: text,
        reason: 'has a key that is not 1 to 128 characters long',
        mend: 'shorten the key',
      });
    }
    if (text !== undefined && text.length > 256) {
      problems.push({
        path,
        value: text,
        reason: 'is longer than 256 characters',
        mend: 'shorten the value',
      });
    }
    return problems;
  });
}
