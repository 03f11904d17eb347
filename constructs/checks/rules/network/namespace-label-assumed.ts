import { isPlaceholder } from '../../../contracts/placeholder';
import { type Model, policyRules, type Requirement } from '../../model';
import type { Rule } from '../../rule';

/** The one label that Kubernetes sets on each namespace. */
const NAME_LABEL = 'kubernetes.io/metadata.name';
/**
 * Labels that platforms set: OpenShift
 * (https://docs.redhat.com/en/documentation/openshift_container_platform/4.18/html/network_security/network-policy),
 * Rancher (https://ranchermanager.docs.rancher.com/reference-guides/rancher-project-tools).
 */
const SET_BY_PLATFORMS = /^(?:(?:[\w.-]+\.)?openshift\.io|(?:[\w-]+\.)*cattle\.io)\//;

/** Policies that let a namespace in by a label that it has only if somebody has set it. */
export const namespaceLabelAssumed: Rule = {
  id: 'network/namespace-label-assumed',
  severity: 'error',
  description:
    'A namespaceSelector on a label that Kubernetes does not set itself and no Namespace of the input has: it matches no namespace.',
  *check(model: Model) {
    const namespaces = model.ofKind('Namespace', '');
    const labels = new Map<string, Set<string>>();
    for (const { labels: own } of namespaces) {
      for (const [key, value] of Object.entries(own))
        labels.set(key, (labels.get(key) ?? new Set()).add(value));
    }
    const isCarried = ({ key, operator, values }: Requirement) =>
      operator === 'Exists' ? labels.has(key) : values.some((value) => labels.get(key)?.has(value));
    for (const { object } of model.networkPolicies) {
      const rules = [...policyRules(object, 'ingress'), ...policyRules(object, 'egress')];
      for (const { path, namespaceSelector } of rules.flatMap(({ peers }) => peers)) {
        for (const requirement of namespaceSelector?.requirements ?? []) {
          const { key, operator, values } = requirement;
          if (
            key === NAME_LABEL ||
            SET_BY_PLATFORMS.test(key) ||
            isPlaceholder(key) ||
            values.some(isPlaceholder)
          ) {
            continue;
          }
          if (!['In', 'Exists'].includes(operator) || isCarried(requirement)) continue;
          const text = operator === 'Exists' ? key : `${key}: ${values.join(' or ')}`;
          yield {
            object,
            path: `${path}.namespaceSelector.${requirement.path}`,
            message: `This selects namespaces by the label ${text}, which Kubernetes does not set and no Namespace of the input has: where nobody has set it, the rule matches nothing.`,
            fix: `Select by ${NAME_LABEL}${/name/i.test(key) && values[0] !== undefined ? `: ${values[0]}` : ', which every namespace has'}, or give the Namespace this label in the same manifests.`,
          };
        }
      }
    }
  },
};
