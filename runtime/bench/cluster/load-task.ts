/** The model that the mock server has. */
export const MODEL = 'mock';

/** What the load generator is asked to do. */
export type LoadTask =
  /** Each client asks for a short answer again and again. */
  | { readonly kind: 'requests'; readonly url: string; readonly clients: number; readonly seconds: number }
  /** Each client reads so many streams, one after the other. */
  | {
      readonly kind: 'streams';
      readonly url: string;
      readonly clients: number;
      readonly streams: number;
      readonly events: number;
      /** Milliseconds between two events; 0: as fast as they come. */
      readonly pace: number;
    };

export interface LoadResult {
  readonly seconds: number;
  readonly answers: number;
  /** Milliseconds from each request to the first byte of its answer's body. */
  readonly first: readonly number[];
}

/** The body of a request to the mock server. */
export interface StreamTask {
  readonly stream: boolean;
  readonly max_tokens: number;
  readonly pace?: number;
}
