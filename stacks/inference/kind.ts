import { INFERENCE_CHECKS } from '../topology/checks';
import { topologyKind } from '../topology/kind';
import { resolveInference } from '../topology/resolve/inference';
import { inference } from '../topology/schema/inference';
import { inferenceTemplate } from './template';

export const kind = topologyKind({
  schema: inference,
  resolve: resolveInference,
  checks: INFERENCE_CHECKS,
  template: inferenceTemplate,
});
