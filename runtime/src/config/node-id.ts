import { hostname } from 'node:os';
import type { Config } from './config.js';

/** What this node is called, everywhere. In Kubernetes the host name is the pod's. */
export function nodeIdOf({ nodeId }: Config): string {
  return nodeId ?? hostname();
}
