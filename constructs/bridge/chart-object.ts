import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { JsonObject } from '../checks';
import { textAt } from '../checks/json';

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

/** How messages name an object: `Deployment llm/web`. */
export function titleOf({ apiObject, manifest }: ChartObject): string {
  const name = textAt(manifest, 'metadata', 'name') ?? apiObject.node.path;
  const namespace = textAt(manifest, 'metadata', 'namespace');
  return `${apiObject.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
