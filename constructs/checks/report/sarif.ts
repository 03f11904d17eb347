import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ReportedFinding } from '../check';
import type { InputProblem } from '../load';
import type { Rule } from '../rule';
import type { Place } from './locate';
import type { Located, Report } from './report';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** SARIF 2.1.0, which code hosts show beside the lines of a change. Findings that are allowed are in it as suppressed. */
export function sarifReport(report: Report, rules: readonly Rule[], version: string): string {
  const index = new Map(rules.map(({ id }, position) => [id, position]));
  const result = (finding: Located<ReportedFinding>) => ({
    ruleId: finding.rule,
    ruleIndex: index.get(finding.rule) ?? -1,
    level: finding.severity,
    message: { text: `${finding.message} ${finding.fix}` },
    locations: [
      {
        physicalLocation: physicalLocation(finding.file, finding.place),
        logicalLocations: [{ fullyQualifiedName: logicalName(finding), kind: 'resource' }],
      },
    ],
    // Stays the same while lines move.
    partialFingerprints: { 'polypod/v1': `${finding.rule} ${logicalName(finding)}` },
  });
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'polypod',
            version,
            rules: rules.map(({ id, severity, description }) => ({
              id,
              shortDescription: { text: description },
              defaultConfiguration: { level: severity },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: report.problems.length === 0,
            toolExecutionNotifications: report.problems.map(notification),
          },
        ],
        results: [
          ...report.findings.map((finding) => ({ ...result(finding), suppressions: [] })),
          ...report.suppressed.map((finding) => ({
            ...result(finding),
            suppressions: [{ kind: 'inSource', justification: finding.reason }],
          })),
        ],
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function notification({ file, line, column, reason, mend }: InputProblem) {
  const place = line === undefined || column === undefined ? undefined : { line, column };
  return {
    level: 'error',
    message: { text: `${reason}; ${mend}` },
    locations: [{ physicalLocation: physicalLocation(file, place) }],
  };
}

function physicalLocation(file: string, place: Place | undefined) {
  const region = place && { startLine: place.line, startColumn: place.column };
  return { artifactLocation: { uri: uriOf(file) }, ...(region && { region }) };
}

function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}

function logicalName({ object, path }: ReportedFinding): string {
  return [object.namespace, object.kind, object.name, path].filter((part) => part !== '').join('/');
}
