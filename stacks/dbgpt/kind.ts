import { topologyKind } from '../topology/kind';
import { DBGPT_CHECKS } from './checks';
import { dbgpt } from './schema';
import { resolveDbgpt } from './settings';
import { dbgptTemplate } from './template';

export const kind = topologyKind({
  schema: dbgpt,
  resolve: resolveDbgpt,
  checks: DBGPT_CHECKS,
  template: dbgptTemplate,
});
