import { styleText } from 'node:util';
import type { InputProblem } from '../load';
import type { Severity } from '../rule';
import { placeText, type Report } from './report';

export interface TextOptions {
  /** Whether to write colours. @default false */
  readonly colour?: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** A report for people: by file and object, each finding with its place, why, and the mend; a summary at the end. */
export function textReport(report: Report, { colour = false }: TextOptions = {}): string {
  const paint = (style: Style, text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const lines: string[] = [];
  let file: string | undefined;
  let object: unknown;
  for (const finding of report.findings) {
    if (finding.file !== file) {
      lines.push(...(file === undefined ? [] : ['']), paint('bold', finding.file));
      file = finding.file;
    }
    if (finding.object !== object) {
      const { kind, name, namespace } = finding.object;
      lines.push(
        `  ${paint('bold', `${kind}/${name}`)}${namespace === '' ? '' : paint('dim', ` in ${namespace}`)}`,
      );
      object = finding.object;
    }
    const style = finding.severity === 'error' ? 'red' : 'yellow';
    const place = placeText(finding.file, finding.place);
    lines.push(
      `    ${paint(style, finding.severity.padEnd(7))} ${finding.rule}  ${paint('dim', place)}`,
      `      ${paint('dim', finding.path)}`,
      `      ${finding.message}`,
      `      ${paint('green', '→')} ${finding.fix}`,
    );
  }
  if (lines.length > 0) lines.push('');
  lines.push(summary(report));
  return `${lines.join('\n')}\n`;
}

/** What could not be read, for standard error. */
export function problemsText(problems: readonly InputProblem[]): string {
  return problems
    .map(({ file, line, column, reason, mend }) => {
      const place = line === undefined || column === undefined ? undefined : { line, column };
      return `${placeText(file, place)}: ${reason}\n  → ${mend}\n`;
    })
    .join('');
}

function summary(report: Report): string {
  const of = (severity: Severity) =>
    report.findings.filter((finding) => finding.severity === severity).length;
  const found =
    report.findings.length === 0
      ? 'Nothing found'
      : [count(of('error'), 'error'), count(of('warning'), 'warning')]
          .filter((text) => !text.startsWith('0 '))
          .join(', ');
  const aside = [
    [report.suppressed.length, 'finding', 'allowed by annotation'],
    [report.skippedFiles, 'file', 'without Kubernetes objects skipped'],
    [report.skippedDocuments, 'YAML document', 'without Kubernetes objects skipped'],
    [report.problems.length, 'problem', 'with the input'],
  ] as const;
  const asides = aside.flatMap(([number, word, what]) =>
    number > 0 ? [`${count(number, word)} ${what}`] : [],
  );
  const looked = `${found} in ${count(report.objects, 'object')} of ${count(report.files - report.skippedFiles, 'file')}`;
  return `${looked}.${asides.length > 0 ? ` ${asides.join('; ')}.` : ''}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
