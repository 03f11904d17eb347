/** Where model files come from and where they lie. */
export interface ModelStore {
  /** The local path of a model file, once it is all there. Throws an `EngineError` that names file and mend. */
  fetch(source: string, options: FetchOptions): Promise<string>;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
}

export interface FetchProgress {
  readonly receivedBytes: number;
  /** Not known from every source. */
  readonly totalBytes?: number;
}
