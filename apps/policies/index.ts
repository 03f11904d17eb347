import { PolicyPack } from '@pulumi/policy';
import { crossGuardPolicies } from '../../constructs/policies/pack';

/** The CrossGuard pack: `npm run up -- --stack aws --policy-pack apps/policies`. */
new PolicyPack('polypod', { policies: crossGuardPolicies() });
