/** Exit statuses of the `polypod-runtime` command, beside 0. */
export const EXIT = {
  failed: 1,
  /** The configuration, or the command line, can't be used. */
  badConfig: 2,
} as const;
