/** The library that lays out graphs, in a file of its own: 1.6 MB that no other command than `graph` shall load. */
import ELK from 'elkjs/lib/elk.bundled.js';
import type { LayoutEngine } from '../constructs/graph';

export const newLayout = (): LayoutEngine => new ELK();
