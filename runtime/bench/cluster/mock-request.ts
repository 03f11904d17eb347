/** The model that the mock server has. */
export const MODEL = 'mock';

/** What the mock server reads of a request's body. */
export interface MockRequest {
  readonly stream: boolean;
  /** Events. */
  readonly max_tokens: number;
  /** Milliseconds between two events; without it they come as fast as they can. */
  readonly pace?: number;
}
