import type { ClusterTables } from './tables/cluster.js';
import type { ConversationTables } from './tables/conversations.js';
import type { IdentityTables } from './tables/identity.js';

/** All tables, as {@link MIGRATIONS} make them. */
export interface Tables extends ClusterTables, IdentityTables, ConversationTables {}
