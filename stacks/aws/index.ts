export { awsFoundation } from './foundation';
export type { AwsFoundationArgs } from './foundation-arguments';
