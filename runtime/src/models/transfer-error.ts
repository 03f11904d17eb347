/** A transfer that failed. */
export class TransferError extends Error {
  override readonly name = 'TransferError';

  constructor(
    message: string,
    /** Whether another attempt may succeed. */
    readonly passes: boolean,
    /** Seconds that the server asks to wait. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/** Errors of certificates: another attempt does not mend them. */
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY)_)/;
/** Errors of the file system, which a transfer writes to. */
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** What a failure while talking to `host` means. */
export function transferError(error: unknown, host: string): TransferError {
  if (error instanceof TransferError) return error;
  const code = codeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (code === undefined) return new TransferError(`${host}: ${reason}`, false);
  if (FULL.includes(code)) {
    const mend =
      'Make room, or enlarge the volume of the model store; what is there is kept and gone on with.';
    return new TransferError(`The model store is full (${code}). ${mend}`, false);
  }
  if (CERTIFICATE.test(code)) {
    const mend = 'If a proxy or mirror has a CA of its own, name its file in NODE_EXTRA_CA_CERTS.';
    return new TransferError(`${host}'s certificate is not trusted (${code}). ${mend}`, false);
  }
  if (/^(UND_ERR|E[A-Z]+$|EAI_)/.test(code) && !FILE_SYSTEM.includes(code)) {
    return new TransferError(`${host} can't be reached, or broke off (${code}): ${reason}`, true);
  }
  return new TransferError(`${reason}`, false);
}

const FILE_SYSTEM = [
  'EACCES',
  'EPERM',
  'EROFS',
  'EISDIR',
  'ENOTDIR',
  'ENAMETOOLONG',
  'EEXIST',
  'EIO',
  'EMFILE',
];

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}
