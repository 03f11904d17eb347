import type { Config, ModelConfig } from './config.js';

/** Models that a node has files and engines of; gateways and controllers have none, whatever is configured. */
export function servedModels({ role, models }: Pick<Config, 'role' | 'models'>): readonly ModelConfig[] {
  return role === 'gateway' || role === 'controller' ? [] : models;
}
