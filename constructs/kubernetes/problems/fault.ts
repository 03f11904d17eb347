import { isPlaceholder, type Problem } from '../../contracts';
import { parseCidr } from '../../contracts/cidr';
import type { Fault } from '../../contracts/units';

/** What a rule of `contracts/names` finds wrong with a text, if it is given: `faultProblems('host', host, hostNameFault)`. */
export function faultProblems(
  path: string,
  text: string | undefined,
  faultOf: (text: string) => Fault | undefined,
): Problem[] {
  const fault = text === undefined || isPlaceholder(text) ? undefined : faultOf(text);
  return fault === undefined ? [] : [{ path, value: text, ...fault }];
}

/** What is wrong with a CIDR block, if anything. */
export function cidrProblems(path: string, text: string): Problem[] {
  return faultProblems(path, text, () => {
    const cidr = parseCidr(text);
    return cidr.ok ? undefined : cidr.fault;
  });
}

/** What is wrong with a port, if anything. */
export function portProblems(path: string, port: number): Problem[] {
  if (isPlaceholder(port) || (Number.isInteger(port) && port >= 1 && port <= 65_535)) return [];
  return [{ path, value: port, reason: 'is no port', mend: 'write a whole number from 1 to 65535' }];
}
