/** A stretch of text that holds one document: a YAML file, one part between `---`, a fenced block of a guide. */
export interface DocumentText {
  readonly text: string;
  /** Line of the file on which the text starts, from 1. */
  readonly firstLine: number;
  /** Columns that the text was indented by in the file. @default 0 */
  readonly indent?: number;
}

/** Where an object was read: for reports, and to find the exact line when one is asked for. */
export interface ObjectOrigin {
  /** File as the user named it, or `<stdin>`, or a chart's path. */
  readonly file: string;
  /** The text that it was parsed from. @default none: the object was made in memory */
  readonly document?: DocumentText;
  /** Path inside the document, where it is an item of a List: `items[3]`. @default the document itself */
  readonly item?: string;
}

/** Any JSON value inside a manifest. Rules read defensively: a manifest may hold anything anywhere. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | JsonValue[]
  | { [key: string]: JsonValue };

/** A mapping as it is parsed from YAML or JSON. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** A manifest as parsed, and where it was read. */
export interface Manifest {
  readonly manifest: JsonObject;
  readonly origin: ObjectOrigin;
}

/** One Kubernetes object of the input. */
export interface KubernetesObject extends Manifest {
  readonly apiVersion: string;
  /** API group: empty for the core group, `apps` for `apps/v1`. */
  readonly group: string;
  readonly kind: string;
  /** Empty where the manifest has none. */
  readonly name: string;
  /** Namespace it lives in after defaults are applied; empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
