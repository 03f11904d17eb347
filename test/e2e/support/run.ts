import { readFileSync } from 'node:fs';
import { Clients } from './clients';
import { System, type SystemOptions } from './system';

/** One run of the suite: what its set-up made and all test files share. */
export interface Run extends Omit<SystemOptions, 'topology'> {
  /** Hooks of the machine that the cluster runs on: commands that take a node's name. @default the tests say that they skip */
  readonly hooks: {
    readonly killNode?: string;
    readonly startNode?: string;
    /** Takes `on` or `off` besides. */
    readonly partitionNode?: string;
  };
  /** Whether only the smaller part is run. */
  readonly quick: boolean;
  /** Node that no test harms. */
  readonly steadyNode: string;
  /** File that figures are collected in, a line of JSON each. */
  readonly figures: string;
}

export const RUN_FILE = 'E2E_RUN_FILE';

export function currentRun(): Run {
  const file = process.env[RUN_FILE];
  if (file === undefined) throw new Error('run the suite by npm run test:e2e');
  return JSON.parse(readFileSync(file, 'utf8'));
}

export const steadyNode = (): string => currentRun().steadyNode;
export const theSystem = (): System => new System(currentRun());
export const theClients = (): Clients => {
  const { clientNamespace, image, steadyNode } = currentRun();
  return new Clients(clientNamespace, image, steadyNode);
};
