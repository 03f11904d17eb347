import type { Input } from '@pulumi/pulumi';
import { known } from '../cloud';
import type { Problem } from '../contracts';

/** Tags of every resource of a component. */
export type Tags = Readonly<Record<string, Input<string>>>;

/** Private DNS zones take no more, and each component has one. https://learn.microsoft.com/azure/dns/dns-zones-records */
const MOST_TAGS = 15;

/** A component's tags: its name, so that portals and bills can tell systems apart, and the user's. */
export function componentTags(name: string, tags: Tags | undefined): Record<string, Input<string>> {
  return { 'polypod-component': name, ...tags };
}

/**
 * What Azure would refuse on some kind of resource: reserved keys, strange characters, lengths (the strictest are those
 * of storage accounts and DNS zones). https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
 */
export function tagProblems(tags: Tags | undefined): Problem[] {
  const entries = Object.entries(tags ?? {});
  const problems: Problem[] = [];
  if (entries.length > MOST_TAGS - 1) {
    const reason = `are more than ${MOST_TAGS - 1}, beside the component's own`;
    problems.push({ path: 'tags', value: entries.length, reason, mend: 'leave some out' });
  }
  for (const [key, value] of entries) {
    const path = `tags[${JSON.stringify(key)}]`;
    const text = known(value);
    const wrong = (reason: string, mend: string) => problems.push({ path, value: text, reason, mend });
    if (!/^[a-z][\w.-]{0,127}$/i.test(key)) {
      wrong(
        'has a key that not all resources take',
        'begin with a letter; then letters, digits, ".", "_", "-"',
      );
    }
    if (/^(azure|microsoft|windows)/i.test(key)) {
      wrong('begins with a word that Azure keeps for itself', 'choose another key');
    }
    if (text !== undefined && text.length > 256) wrong('is longer than 256 characters', 'shorten the value');
  }
  return problems;
}
