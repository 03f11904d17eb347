import { isDatabaseAway } from '../database/away.js';
import { EngineError, type EngineErrorCode } from '../engine/engine-error.js';
import { StreamCancelled, StreamGone, StreamInterrupted } from '../streams/journal.js';

/** An answer other than success, in OpenAI's shape. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly type: string,
    readonly code: string | null,
    message: string,
    readonly param: string | null = null,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  get body(): ErrorBody {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

export function invalidRequest(message: string, param: string | null, code: string | null = null): ApiError {
  return new ApiError(400, 'invalid_request_error', code, message, param);
}

export function modelNotFound(model: string): ApiError {
  const message = `The model '${model}' does not exist here: see /v1/models.`;
  return new ApiError(404, 'invalid_request_error', 'model_not_found', message, 'model');
}

/** It is somebody's, but nobody who has it takes work now. */
export function modelUnavailable(model: string): ApiError {
  const message = `No node that serves '${model}' can be reached: try again.`;
  return new ApiError(503, 'server_error', 'model_unavailable', message, null, { 'retry-after': '1' });
}

/** `what` is kept in PostgreSQL, and none is configured. */
export function databaseRequired(what: string): ApiError {
  const message = `${what}, and this node has none: set 'database' in its configuration.`;
  return new ApiError(503, 'server_error', 'database_required', message);
}

export function databaseAway(): ApiError {
  const message = 'The database does not answer: try again later.';
  return new ApiError(503, 'server_error', 'database_unavailable', message, null, { 'retry-after': '5' });
}

/** Seconds after which a refused client may try again. */
const RETRY_AFTER = '1';

const ENGINE_ERRORS: Readonly<Record<EngineErrorCode, (error: EngineError) => ApiError>> = {
  context_length_exceeded: (error) =>
    invalidRequest(error.message, error.param ?? null, 'context_length_exceeded'),
  invalid_request: (error) => invalidRequest(error.message, error.param ?? null),
  overloaded: (error) =>
    new ApiError(429, 'rate_limit_error', 'overloaded', error.message, null, { 'retry-after': RETRY_AFTER }),
  unavailable: (error) =>
    new ApiError(503, 'server_error', 'model_unavailable', error.message, null, {
      'retry-after': RETRY_AFTER,
    }),
  bad_model: (error) => new ApiError(503, 'server_error', 'model_unavailable', error.message),
};

/** nginx's status for a client that left before its answer was complete. */
export const CLIENT_LEFT = 499;

/** The answer to any error; `undefined` for one that nobody foresaw. */
export function toApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof EngineError) return ENGINE_ERRORS[error.code](error);
  if (error instanceof StreamGone) {
    const code = error.expired ? 'stream_expired' : 'stream_not_found';
    return new ApiError(error.expired ? 410 : 404, 'invalid_request_error', code, error.message);
  }
  if (error instanceof StreamCancelled) {
    return new ApiError(CLIENT_LEFT, 'invalid_request_error', 'client_left', error.message);
  }
  if (error instanceof StreamInterrupted) {
    return new ApiError(503, 'server_error', 'stream_interrupted', error.message, null, {
      'retry-after': RETRY_AFTER,
    });
  }
  if (isDatabaseAway(error)) return databaseAway();
  return fromHttpError(error);
}

/** Fastify's own refusals (body too large, malformed JSON …) carry a status below 500. */
function fromHttpError(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) return undefined;
  return new ApiError(statusCode, 'invalid_request_error', HTTP_CODES[statusCode] ?? null, error.message);
}

const HTTP_CODES: Readonly<Record<number, string>> = {
  400: 'invalid_body',
  413: 'body_too_large',
  415: 'unsupported_media_type',
};
