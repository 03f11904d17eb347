export { jsonReport } from './json';
export { type Report, report } from './report';
export { sarifReport } from './sarif';
export { problemsText, textReport } from './text';
