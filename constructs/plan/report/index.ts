export { type PlanTextOptions, planText } from './text';
