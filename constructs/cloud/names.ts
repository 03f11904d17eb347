import type { Problem } from '../contracts';
import { matches } from './arguments';

/** Names of cloud resources are made from a component's name, a kind and Pulumi's random suffix. */
const LONGEST = 26;

/** A component's name must leave room for what is appended: the shortest limit is ElastiCache's 40 characters. */
export function nameProblems(name: string, longest = LONGEST): Problem[] {
  return matches('name', name, new RegExp(`^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,${longest - 1}}$`), {
    reason: 'can not begin the names of cloud resources',
    mend: `write at most ${longest} lowercase letters, digits and single hyphens, beginning with a letter: "chat-prod"`,
  });
}
