import { isPlaceholder, type Problem } from '../../contracts';
import { cidrContains, parseCidr } from '../../contracts/cidr';
import { dnsLabelFault, dnsSubdomainFault, labelKeyFault, labelValueFault } from '../../contracts/names';
import { cidrProblems, faultProblems, portProblems } from '../problems/fault';
import type { Addresses, Connection, IsolatedWorkload, Party, Pods, Port } from './connection';

/** What is wrong with the workloads to isolate. */
export function workloadProblems(workloads: readonly IsolatedWorkload[]): Problem[] {
  if (workloads.length === 0) {
    return [
      {
        path: 'workloads',
        value: [],
        reason: 'names no workload, so nothing is isolated',
        mend: 'name at least one',
      },
    ];
  }
  const names = workloads.map(({ name }) => name);
  return workloads.flatMap(({ name, selector, namespace }, index) => {
    const path = `workloads[${index}]`;
    const double = names.indexOf(name) !== index;
    return [
      ...faultProblems(`${path}.name`, name, dnsSubdomainFault),
      ...(double
        ? [{ path: `${path}.name`, value: name, reason: 'stands twice', mend: 'give each its own name' }]
        : []),
      ...faultProblems(`${path}.namespace`, namespace, dnsLabelFault),
      ...labelProblems(`${path}.selector`, selector),
    ];
  });
}

/**
 * Pods whose namespace nobody can tell: where the chart has none, a policy in a named namespace can't say "mine" of
 * pods outside it.
 */
export function namespaceProblems(
  workloads: readonly IsolatedWorkload[],
  connections: readonly Connection[],
): Problem[] {
  if (workloads.every(({ namespace }) => namespace === undefined)) return [];
  const unknown = (party: Party) =>
    typeof party !== 'string' && !('cidrs' in party) && party.namespace === undefined;
  const paths = [
    ...workloads.flatMap(({ namespace }, index) => (namespace === undefined ? [`workloads[${index}]`] : [])),
    ...connections.flatMap(({ from, to }, index) => [
      ...(unknown(from) ? [`connections[${index}].from`] : []),
      ...(unknown(to) ? [`connections[${index}].to`] : []),
    ]),
  ];
  return paths.map((path) => ({
    path: `${path}.namespace`,
    value: undefined,
    reason: 'is missing, and the chart has no namespace either, while another workload names its own',
    mend: 'name it, or give the chart a namespace',
  }));
}

/** What is wrong with one connection. */
export function connectionProblems(
  path: string,
  connection: Connection,
  workloads: readonly IsolatedWorkload[],
): Problem[] {
  const why = connection.why.trim();
  return [
    ...partyProblems(`${path}.from`, connection.from, workloads),
    ...partyProblems(`${path}.to`, connection.to, workloads),
    ...rangeProblems(`${path}.ports`, connection.ports),
    ...(why === '' || why.includes('\n')
      ? [
          {
            path: `${path}.why`,
            value: connection.why,
            reason: 'does not say in one line what the connection is for',
            mend: 'write a few words, such as "streams and sessions"; they become the policy\'s annotation',
          },
        ]
      : []),
  ];
}

function partyProblems(path: string, party: Party, workloads: readonly IsolatedWorkload[]): Problem[] {
  if (typeof party === 'string') {
    if (workloads.some(({ name }) => name === party)) return [];
    const names = workloads.map(({ name }) => name).join(', ');
    return [
      {
        path,
        value: party,
        reason: 'is no workload that is isolated here',
        mend: `choose one of ${names}, or name pods by { podLabels, namespace } and addresses by { cidrs }`,
      },
    ];
  }
  return 'cidrs' in party ? addressProblems(path, party) : podsProblems(path, party);
}

function podsProblems(path: string, { namespace, podLabels }: Pods): Problem[] {
  if (namespace === undefined && podLabels === undefined) {
    return [
      {
        path,
        value: {},
        reason: 'selects nothing in particular, which a policy takes for everything',
        mend: 'name the namespace, the pod labels, or both',
      },
    ];
  }
  return [
    ...faultProblems(`${path}.namespace`, namespace, dnsLabelFault),
    ...(podLabels === undefined ? [] : labelProblems(`${path}.podLabels`, podLabels)),
  ];
}

/** An empty selector means every pod: nobody who names labels means that. */
function labelProblems(path: string, labels: Readonly<Record<string, string>>): Problem[] {
  const entries = Object.entries(labels);
  if (entries.length === 0) {
    return [
      {
        path,
        value: labels,
        reason: 'is empty, which selects every pod of the namespace',
        mend: 'name labels that only these pods carry',
      },
    ];
  }
  return entries.flatMap(([key, value]) => [
    ...faultProblems(`${path}["${key}"]`, key, labelKeyFault),
    ...faultProblems(`${path}["${key}"]`, value, labelValueFault),
  ]);
}

function addressProblems(path: string, { cidrs, except = [] }: Addresses): Problem[] {
  const problems: Problem[] = [];
  const read = (at: string, text: string) => {
    problems.push(...cidrProblems(at, text));
    const cidr = parseCidr(text);
    return cidr.ok ? cidr.value : undefined;
  };
  if (cidrs.length === 0) {
    problems.push({
      path: `${path}.cidrs`,
      value: cidrs,
      reason: 'names no address',
      mend: 'name at least one CIDR block',
    });
  }
  const outer = cidrs.map((text, index) => read(`${path}.cidrs[${index}]`, text));
  if (except.length > 0 && [...cidrs, ...except].some(isPlaceholder)) {
    problems.push({
      path: `${path}.except`,
      value: except,
      reason:
        'stands beside addresses that are known only later, so nobody can say which block it belongs to',
      mend: 'name the blocks that stay open instead',
    });
  }
  for (const [index, text] of except.entries()) {
    const at = `${path}.except[${index}]`;
    const inner = read(at, text);
    // Where a block itself is wrong or not known yet, nobody can say whether the exception lies in it.
    if (inner === undefined || outer.includes(undefined)) continue;
    const home = outer.find((block) => block !== undefined && cidrContains(block, inner));
    if (home === undefined) {
      problems.push({
        path: at,
        value: text,
        reason: `lies in none of ${cidrs.join(', ')}, so there is nothing to except`,
        mend: 'remove it, or correct the mask',
      });
    } else if (home.prefix === inner.prefix) {
      problems.push({
        path: at,
        value: text,
        reason: `is all of ${home.text}`,
        mend: 'remove both, or correct the mask',
      });
    }
  }
  return problems;
}

function rangeProblems(path: string, ports: readonly Port[]): Problem[] {
  if (ports.length === 0) {
    return [
      {
        path,
        value: ports,
        reason: 'is empty, which a policy takes for every port',
        mend: 'name the ports of the server',
      },
    ];
  }
  return ports.flatMap((entry, index) => {
    const range = typeof entry === 'number' ? { port: entry } : entry;
    const at = typeof entry === 'number' ? `${path}[${index}]` : `${path}[${index}].port`;
    const problems = portProblems(at, range.port);
    if (range.endPort === undefined) return problems;
    problems.push(...portProblems(`${path}[${index}].endPort`, range.endPort));
    if (problems.length === 0 && !isPlaceholder(range.port) && range.endPort < range.port) {
      problems.push({
        path: `${path}[${index}].endPort`,
        value: range.endPort,
        reason: `is below the first port, ${range.port}`,
        mend: `did you mean ${range.endPort} to ${range.port}?`,
      });
    }
    return problems;
  });
}
