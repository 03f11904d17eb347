/** Where model files come from and where they lie. */
export interface ModelStore {
  /**
   * The local path of a model's file or folder, once it is all there and whole. Throws an `EngineError` that names
   * file and mend; also if what is there was damaged: `pull` mends that.
   */
  fetch(model: ModelReference, options: FetchOptions): Promise<string>;
}

/** What the configuration says of where a model comes from. */
export interface ModelReference {
  readonly source: string;
  /** Commit, tag or branch of a repository. */
  readonly revision?: string;
  /** What the file's content must be, in hexadecimal digits. */
  readonly sha256?: string;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Told in plain words of what goes wrong and is tried again. */
  readonly onNotice?: (text: string) => void;
}

export interface FetchProgress {
  /** `waiting`: another node fetches the same model; the bytes are its. */
  readonly phase: 'fetching' | 'waiting' | 'verifying';
  readonly receivedBytes: number;
  /** Not known from every source. */
  readonly totalBytes?: number;
}
