import type { Report } from './report';

/** The findings as an array of plain objects. */
export function jsonReport({ findings }: Report): string {
  const rows = findings.map(({ rule, severity, object, file, path, message, fix }) => ({
    rule,
    severity,
    object: `${object.kind}/${object.name}`,
    namespace: object.namespace,
    file,
    path,
    message,
    fix,
  }));
  return `${JSON.stringify(rows, undefined, 2)}\n`;
}
