/** A node can't start on this machine as it is; the message says why, and the mend. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/** What a user is told of an error of listening; `undefined` for any other error. */
export function portProblem(error: unknown): string | undefined {
  if (!(error instanceof Error) || Reflect.get(error, 'syscall') !== 'listen') return undefined;
  const port = String(Reflect.get(error, 'port'));
  const reason =
    Reflect.get(error, 'code') === 'EADDRINUSE'
      ? 'another program listens there: stop it'
      : `${error.message}: check \`host\``;
  return `The node can't listen on port ${port}: ${reason}, or choose another port with PORT (API) or METRICS_PORT, or \`ports\` in the configuration.`;
}
