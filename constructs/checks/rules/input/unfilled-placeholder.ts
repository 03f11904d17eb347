import { isObject, pathTo, scalarText } from '../../json';
import type { JsonObject, JsonValue, KubernetesObject } from '../../kubernetes-object';
import type { Model } from '../../model';
import type { Finding, Rule } from '../../rule';

const TEMPLATE = /\{\{-?\s*([^{}]*?)\s*-?\}\}/;
/** What Helm's templates are made of. Nothing reads these when a pod runs. */
const HELM =
  /\{\{-?\s*(?:\$?\.(?:Values|Release|Chart|Capabilities|Template)\b|(?:include|tpl|printf|default|required|quote|toYaml|lookup|with|range|if)\s)/;
/** Settings that are templates themselves, which the application fills in. */
const OF_TEMPLATES =
  /template|prompt|format|pattern|message|expression|mapping|query|rule|suffix|prefix|annotation/i;
/** Longer values are texts with templates in them: prompts, configuration. */
const LONGEST_VALUE = 300;

/** Kinds whose own controller fills in templates, below the metadata. */
const FILLED_BY_CONTROLLERS =
  /^(?:ApplicationSet|Workflow|WorkflowTemplate|ClusterWorkflowTemplate|CronWorkflow|Sensor|EventSource|AnalysisTemplate|ClusterAnalysisTemplate|Experiment|(?:Cluster)?ServingRuntime|ClusterStorageContainer|InferenceService|LLMInferenceService|LLMInferenceServiceConfig|(?:Cluster)?Policy|ConfigMap|Secret|PrometheusRule|ExternalSecret|ClusterExternalSecret|PushSecret|AlertmanagerConfig|GrafanaDashboard|(?:Cluster)?TrainingRuntime|TriggerTemplate|Pipeline|PipelineRun|Task|TaskRun|ResourceGraphDefinition|HelmRelease|HelmChart|HelmChartConfig|Application|Composition|Template|CustomResourceDefinition)$/;

/** A template's `{{ … }}` that nobody filled in. */
export const unfilledPlaceholder: Rule = {
  id: 'input/unfilled-placeholder',
  severity: 'error',
  description: "A template's {{ … }} left in a name, label, image, host or env value.",
  *check(model: Model) {
    const reported = new Set<string>();
    for (const object of model.objects) yield* inFields(object);
    for (const { namespace, label, containers } of model.allWorkloads) {
      for (const { settings } of containers) {
        for (const { source, name, value, object, path, isSecret } of settings.all) {
          // The workload's own are found above; here are those from ConfigMaps and Secrets.
          if (source !== 'env' || value === undefined || !['ConfigMap', 'Secret'].includes(object.kind))
            continue;
          const key = `${object.kind}/${namespace}/${object.name}/${path}`;
          if (reported.has(key) || !isUnfilledValue(name, value)) continue;
          reported.add(key);
          yield finding(
            object,
            path,
            isSecret ? '{{ … }}' : (TEMPLATE.exec(value)?.[0] ?? ''),
            `${name} of ${label}`,
          );
        }
      }
    }
  },
};

function finding(object: KubernetesObject, path: string, template: string, what: string): Finding {
  return {
    object,
    path,
    message: `The template ${template} was never filled in: ${what} gets these very characters.`,
    fix: 'Write the value, or render the template before it gets here (helm template, envsubst, kustomize).',
  };
}

function* inFields(object: KubernetesObject): Generator<Finding> {
  const { manifest, kind } = object;
  const parts = FILLED_BY_CONTROLLERS.test(kind) ? { metadata: manifest.metadata } : manifest;
  if (!mentionsTemplate(parts)) return;
  for (const { value, path, field } of fields(parts, '', '')) {
    const [template] = TEMPLATE.exec(value) ?? [];
    if (template !== undefined) yield finding(object, path, template, field);
  }
}

interface Field {
  readonly value: string;
  readonly path: string;
  /** What the field is, for messages. */
  readonly field: string;
}

const NAME =
  /^(?:name|namespace|generateName|host|hostname|serviceName|claimName|secretName|serviceAccountName|storageClassName|ingressClassName|externalName|image)$/;
const NAMES = new Set(['hosts', 'hostnames', 'dnsNames']);
const LABELS = new Set(['labels', 'matchLabels', 'selector', 'nodeSelector', 'podLabels']);
/** Free text and data, in which templates may be meant. */
const NOT_LOOKED_INTO = new Set(['annotations', 'data', 'stringData', 'binaryData', 'status']);
const COMMAND_LINES = new Set(['args', 'command']);

/** The names, labels, images, hosts and env values with a template, wherever they stand; `key` is that of `value`. */
function* fields(value: JsonValue, path: string, key: string): Generator<Field> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const itemPath = pathTo(path, index);
      if (typeof item !== 'string') yield* fields(item, itemPath, key);
      else if (NAMES.has(key) && TEMPLATE.test(item))
        yield { value: item, path: itemPath, field: 'the host' };
      // Programs have templates of their own (`--format={{ .Name }}`), but not Helm's.
      else if (COMMAND_LINES.has(key) && HELM.test(item))
        yield { value: item, path: itemPath, field: 'the program' };
    }
  } else if (isObject(value)) {
    for (const [name, child] of Object.entries(value)) {
      const childPath = pathTo(path, name);
      if (typeof child !== 'string') {
        if (!NOT_LOOKED_INTO.has(name)) yield* fields(child, childPath, name);
      } else if (TEMPLATE.test(child)) {
        const field = fieldText(value, key, name, child);
        if (field !== undefined) yield { value: child, path: childPath, field };
      }
    }
  }
}

/** What a text below `parent` is, if it is one of those that no template belongs in. */
function fieldText(siblings: JsonObject, parent: string, key: string, value: string): string | undefined {
  if (parent === 'env' && key === 'value') {
    const name = scalarText(siblings.name) ?? '';
    return isUnfilledValue(name, value) ? `the variable ${name}` : undefined;
  }
  if (LABELS.has(parent)) return `the label ${key}`;
  return NAME.test(key) ? `the field ${key}` : undefined;
}

/** A quick look, since hardly any object has a template in it. */
function mentionsTemplate(value: JsonValue): boolean {
  if (typeof value === 'string') return value.includes('{{');
  if (typeof value !== 'object' || value === null) return false;
  for (const key in value) if (mentionsTemplate((value as JsonObject)[key])) return true;
  return false;
}

/** Whether an env value is a template that was to be filled in before, and not one that the application fills in. */
function isUnfilledValue(name: string, value: string): boolean {
  if (!TEMPLATE.test(value)) return false;
  if (HELM.test(value)) return true;
  return value.length <= LONGEST_VALUE && !value.includes('\n') && !OF_TEMPLATES.test(name);
}
