import { topologyKind } from '../topology/kind';
import { ANYTHING_LLM_CHECKS } from './checks';
import { anythingLlm } from './schema';
import { resolveAnythingLlm } from './settings';
import { anythingLlmTemplate } from './template';

export const kind = topologyKind({
  schema: anythingLlm,
  resolve: resolveAnythingLlm,
  checks: ANYTHING_LLM_CHECKS,
  template: anythingLlmTemplate,
});
