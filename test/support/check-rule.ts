import { type CheckOptions, check, type Rule } from '../../constructs/checks';
import { readText } from '../../constructs/checks/load';
import { kubernetesObjects, Model } from '../../constructs/checks/model';

/** What a rule says of manifests given as YAML text; each finding as one would read it in a report. */
export function findingsOf(rule: Rule, yaml: string, options: Omit<CheckOptions, 'rules'> = {}) {
  return check(manifestsOf(yaml), { ...options, rules: [rule] }).findings.map(
    ({ object, path, severity, message, fix }) => ({
      object: `${object.kind}/${object.name}`,
      path,
      severity,
      message,
      fix,
    }),
  );
}

/** The model of manifests given as YAML text. */
export function modelOf(yaml: string, namespace?: string): Model {
  return new Model(kubernetesObjects(manifestsOf(yaml), namespace));
}

function manifestsOf(yaml: string) {
  const { manifests, problems } = readText(yaml, 'test.yaml');
  if (problems.length > 0)
    throw new Error(problems.map(({ line, reason }) => `line ${line}: ${reason}`).join('\n'));
  return manifests;
}
