import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { JsonObject, JsonValue } from '../checks';

/** One object of a chart, synthesized. */
export interface ChartObject {
  /** The construct that it comes from. */
  readonly apiObject: ApiObject;
  /** What it was synthesized to, with placeholders where Outputs go. */
  readonly manifest: JsonObject;
}

/** Every API object at and below a construct, those that other constructs made too, in the order of the tree. */
export function apiObjectsOf(construct: IConstruct): ApiObject[] {
  return construct.node.findAll().filter((child): child is ApiObject => ApiObject.isApiObject(child));
}

/** The value at a path of fields; `undefined` where anything on the way is missing. */
export function field(value: JsonValue, ...path: string[]): JsonValue {
  let found = value;
  for (const key of path)
    found = typeof found === 'object' && !Array.isArray(found) ? found?.[key] : undefined;
  return found;
}

/** The list at a path of fields; empty where there is none. */
export function list(value: JsonValue, ...path: string[]): JsonValue[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path of fields; empty where there is none. */
export function text(value: JsonValue, ...path: string[]): string {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** How messages name an object: `Deployment llm/web`. */
export function titleOf({ apiObject, manifest }: ChartObject): string {
  const namespace = text(manifest, 'metadata', 'namespace');
  return `${apiObject.kind} ${namespace && `${namespace}/`}${text(manifest, 'metadata', 'name') || apiObject.node.path}`;
}
