import type { z } from 'zod';
import { type ApiError, invalidRequest } from './api-error.js';

/** Parses a request's body; throws the 400 that names the first field at fault. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  if (body === undefined) throw invalidRequest('The body is empty: send JSON.', null, 'invalid_body');
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw toInvalidRequest(result.error.issues);
}

function toInvalidRequest(issues: readonly z.core.$ZodIssue[]): ApiError {
  const [issue] = issues.map(innermost);
  if (!issue) return invalidRequest('The request is invalid.', null);
  if (issue.code === 'unrecognized_keys') {
    const param = path([...issue.path, issue.keys[0] ?? '']);
    return invalidRequest(`Unknown parameter: '${param}'.`, param, 'unknown_parameter');
  }
  const param = path(issue.path) || null;
  const where = param === null ? 'The body' : `'${param}'`;
  const message = `${where} is invalid: ${issue.message}.`;
  if (issue.code === 'custom' && issue.params?.unsupported === true) {
    return invalidRequest(issue.message, param, 'unsupported_parameter');
  }
  return invalidRequest(message, param, issue.code === 'invalid_type' ? 'invalid_type' : 'invalid_value');
}

/** Of a union's issues, those of the alternative that came furthest say what is wrong. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const deepest = issue.errors
    .flatMap((issues) => issues.slice(0, 1))
    .map(innermost)
    .reduce((best, each) => (each.path.length > best.path.length ? each : best));
  if (deepest.path.length === 0) return issue;
  return { ...deepest, path: [...issue.path, ...deepest.path] };
}

function path(segments: readonly PropertyKey[]): string {
  return segments.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`;
    return text === '' ? String(segment) : `${text}.${String(segment)}`;
  }, '');
}
