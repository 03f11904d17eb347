import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';

interface Named {
  readonly [field: string]: unknown;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string };
}

/**
 * What is wrong with manifests by the schemas of Kubernetes 1.28 and up and of custom resources: wrong types, missing
 * and unknown fields, fields that came later, kinds without a schema. Empty when all is well. Takes about 0.3 s
 * however many there are, so give it all at once.
 */
export function strictFaults(manifests: readonly Named[]): string[] {
  const output = execFileSync(process.execPath, [join(__dirname, 'strict-validation.mts')], {
    input: JSON.stringify(manifests),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const faults: string[][] = JSON.parse(output);
  return faults.flatMap((list, index) => {
    const manifest = manifests[index];
    return list.map((fault) => `${manifest?.kind}/${manifest?.metadata?.name}: ${fault}`);
  });
}

/** The manifests of all objects below a construct, in the order of the tree. */
export function manifestsOf(scope: IConstruct): Named[] {
  return scope.node
    .findAll()
    .filter((child) => ApiObject.isApiObject(child))
    .map((child) => ApiObject.of(child).toJson());
}
