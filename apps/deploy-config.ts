import { secret } from '@pulumi/pulumi';
import type { DeploymentInput } from '../stacks/deployment/plan';

const NAMESPACE = 'polypod:';

/**
 * The keys of the stack's config that begin with `polypod:`. Pulumi hands over texts, of which maps and lists are
 * JSON.
 *
 * @param values `key: text`, secrets opened
 * @param secretKeys JSON list of the keys whose values are kept encrypted, as Pulumi's language host gives it
 */
export function readStackConfig(
  values: Readonly<Record<string, string>>,
  secretKeys: string | undefined,
): { readonly input: DeploymentInput; readonly isSecret: (key: string) => boolean } {
  const closed = new Set<unknown>(secretKeys ? JSON.parse(secretKeys) : []);
  const isSecret = (key: string) => closed.has(`${NAMESPACE}${key}`);
  const own = Object.entries(values)
    .filter(([key]) => key.startsWith(NAMESPACE))
    .map(([key, text]): [string, unknown] => [key.slice(NAMESPACE.length), parsedValue(text)]);
  const { huggingFaceToken, ...input } = Object.fromEntries(own);
  return {
    input: {
      ...input,
      ...(huggingFaceToken !== undefined && { huggingFaceToken: secret(String(huggingFaceToken)) }),
    },
    isSecret,
  };
}

function parsedValue(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
