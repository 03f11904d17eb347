/** Where an object was read: for reports, and to find the exact line when one is asked for. */
export interface ObjectOrigin {
  /** File as the user named it, or `<stdin>`, or a chart's path. */
  readonly file: string;
  /** Which YAML document of the file, from 0. */
  readonly document: number;
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

export interface JsonObject {
  [key: string]: JsonValue;
}

/** One Kubernetes object of the input. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Namespace it lives in after defaults are applied; empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The manifest as parsed. */
  readonly manifest: JsonObject;
  readonly origin: ObjectOrigin;
}
