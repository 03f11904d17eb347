/** Something that can answer requests for a model: this node, another one, or a plain OpenAI server. */
export interface Target {
  /** The node's id, or the backend's name. */
  readonly id: string;
  readonly kind: 'self' | 'peer' | 'backend';
  /** Base URL of its peer port or API; empty for this node itself. */
  readonly url: string;
  readonly zone?: string;
  /** Share of the requests that it gets beside others; above 0. */
  readonly weight: number;
  /** Requests that it has, as it told last. */
  readonly load: number;
  /** Requests that it works on at once; more wait. */
  readonly sequences: number;
}
