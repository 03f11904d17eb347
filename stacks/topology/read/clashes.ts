import type { Problem } from '../../../constructs/contracts/problem';
import type { Topology } from '../topology';

/** What two topologies of one file both claim: a name in a namespace, or a host. The later one is told. */
export function clashes(
  topologies: readonly { readonly topology: Topology; readonly index: number }[],
): { problem: Problem; index: number }[] {
  const owners = new Map<string, string>();
  const found: { problem: Problem; index: number }[] = [];
  const claim = (thing: string, owner: string, problem: Problem, index: number) => {
    if (owners.has(thing))
      found.push({ problem: { ...problem, reason: `${problem.reason} ${owners.get(thing)}` }, index });
    else owners.set(thing, owner);
  };
  for (const { topology, index } of topologies) {
    const { name, namespace = name, traffic } = topology;
    const reason = `is the name of two topologies of the namespace ${namespace}: their objects would overwrite those of`;
    claim(
      `${namespace}/${name}`,
      name,
      { path: 'name', value: name, reason, mend: 'give each its own name or namespace' },
      index,
    );
    if (traffic.type === 'none') continue;
    for (const [place, host] of traffic.hosts.entries()) {
      const mend = 'give each topology its own host';
      claim(
        host,
        name,
        { path: `traffic.hosts[${place}]`, value: host, reason: 'is already the host of', mend },
        index,
      );
    }
  }
  return found;
}
