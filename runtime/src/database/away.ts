/** Of Node's sockets, and of a server that shuts down, starts or takes no more connections. */
const CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['57P01', '57P02', '57P03', '53300'],
]);
/** What pg has no code for. */
const MESSAGES =
  /^(Connection terminated|timeout e|PostgreSQL does not answer|Client has encountered a connection error)/;

/** A query failed because PostgreSQL was not there, not because something is wrong with it. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && CODES.has(error.code)) return true;
  return MESSAGES.test(error.message);
}
