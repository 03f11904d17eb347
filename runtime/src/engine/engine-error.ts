/** Why an engine did not do what was asked, in the words that the API answers with. */
export type EngineErrorCode =
  /** The prompt does not fit, and 400 is the answer. */
  | 'context_length_exceeded'
  /** The request can't be honoured; `param` names what of it. */
  | 'invalid_request'
  /** The queue is full: 429. */
  | 'overloaded'
  /** The model is not loaded, or not any more: 503. */
  | 'unavailable'
  /** The model file is missing, damaged or not for this engine. */
  | 'bad_model';

export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    /** The request's field at fault, as the API names it. */
    readonly param?: string,
  ) {
    super(message);
  }
}
