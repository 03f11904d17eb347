import { z } from 'zod';
import { seconds } from './fields.js';

export const selfHealing = z.strictObject({
  hangSeconds: seconds
    .default(60)
    .describe(
      'An engine that has work and takes no step for so long is ended, and started again with its streams.',
    ),
  failures: z
    .int()
    .min(1)
    .default(5)
    .describe('Crashes of one engine within the window, after which its model is quarantined on this node.'),
  windowSeconds: seconds.default(300).describe('The window in which failures are counted.'),
  cooldownSeconds: seconds
    .default(60)
    .describe(
      'After so long a quarantined model is tried again; after twice that when it fails again, up to an hour.',
    ),
});
