import { topologyKind } from '../topology/kind';
import { MEMOS_CHECKS } from './checks';
import { memos } from './schema';
import { resolveMemos } from './settings';
import { memosTemplate } from './template';

export const kind = topologyKind({
  schema: memos,
  resolve: resolveMemos,
  checks: MEMOS_CHECKS,
  template: memosTemplate,
});
