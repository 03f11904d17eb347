/**
 * `polypod/policies`: what a CrossGuard pack refuses of any stack. Needs @pulumi/policy.
 *
 * @module polypod/policies
 */
import type { PolicyPackArgs, ResourceValidationPolicy } from '@pulumi/policy';
import { POLICIES, violations } from './policies';

/**
 * The policies for a CrossGuard pack of your own: `new PolicyPack('ours', { policies: [...crossGuardPolicies()] })`.
 *
 * @param enforcementLevel @default `mandatory`: what breaks a rule is not created
 */
export function crossGuardPolicies(
  enforcementLevel: PolicyPackArgs['enforcementLevel'] = 'mandatory',
): ResourceValidationPolicy[] {
  return POLICIES.map((policy) => ({
    name: policy.name,
    description: policy.description,
    severity: policy.severity,
    enforcementLevel,
    validateResource: ({ type, props }, report) => {
      for (const violation of violations(policy, { type, properties: props })) report(violation);
    },
  }));
}
