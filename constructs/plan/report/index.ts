export { planText } from './text';
