/** What the load generator is asked to do: each client sends its request again and again, over one connection. */
export interface LoadTask {
  /** One a client. */
  readonly requests: readonly LoadRequest[];
  /** So often each, or else for so many seconds. */
  readonly times?: number;
  readonly seconds?: number;
}

export interface LoadRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LoadResult {
  readonly seconds: number;
  /** Milliseconds from each request to the first byte of its answer's body. */
  readonly first: readonly number[];
  /** To its last. */
  readonly whole: readonly number[];
}
