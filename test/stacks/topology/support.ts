import { InvalidInputError, type Problem } from '../../../constructs/contracts/problem';
import {
  type InferenceInput,
  parseTopology,
  type ReadOptions,
  validateTopology,
} from '../../../stacks/topology';

/** The least that is a whole topology for plain synth. */
export function minimal(): InferenceInput {
  return {
    kind: 'Inference',
    name: 'chat',
    models: [{ name: 'tiny', source: 'hf:acme/tiny-GGUF/tiny.gguf', size: '2Gi' }],
    backing: {
      image: 'ghcr.io/acme/polypod-runtime:0.1.0',
      storage: { kind: 'existing-class', name: 'nfs-client' },
      cache: 'local',
      database: 'local',
    },
  };
}

/** The problems of a value. Fails the test where there are none. */
export function problemsOf(value: unknown, options?: ReadOptions): readonly Problem[] {
  return caught(() => validateTopology(value, 'test', options));
}

/** The problems of a text. Fails the test where there are none. */
export function problemsOfText(text: string): readonly Problem[] {
  return caught(() => parseTopology(text, 'test.yaml'));
}

export function caught(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  throw new Error('was accepted');
}
