import { planAws } from './aws';
import { planAzure } from './azure';
import type { CloudInput, CloudPlan } from './cloud';
import { planGcp } from './gcp';

/** Every cloud that has a foundation. */
export const CLOUDS: Readonly<Record<CloudName, (input: CloudInput) => CloudPlan>> = {
  aws: planAws,
  gcp: planGcp,
  azure: planAzure,
};

export type CloudName = 'aws' | 'gcp' | 'azure';

export const isCloud = (name: unknown): name is CloudName =>
  typeof name === 'string' && Object.hasOwn(CLOUDS, name);

export { type CloudPlan, type Creation, Section } from './cloud';
