import type { ClusterTables } from './tables/cluster.js';

/** All tables, as {@link MIGRATIONS} make them. */
export interface Tables extends ClusterTables {}
