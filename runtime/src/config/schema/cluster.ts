import { z } from 'zod';
import { file, seconds } from './fields.js';

export const cluster = z.strictObject({
  peerService: z.string().optional().describe('Headless Service through which nodes find each other.'),
  podIp: z.string().optional(),
  zone: z.string().optional(),
  heartbeatSeconds: seconds.default(1).describe('How often a node tells the others that it lives.'),
  suspicion: z
    .number()
    .min(1)
    .max(100)
    .default(8)
    .describe(
      'A silent node is suspected, and gets no new work, once the chance that it is merely late is below 10 to the power of minus this.',
    ),
  deadSeconds: seconds.default(5).describe('A node that is suspected for so long counts as dead.'),
  recoverySeconds: seconds
    .default(3)
    .describe(
      'A node that was suspected must behave for so long; twice that after each relapse, up to a minute.',
    ),
  leaseSeconds: z
    .number()
    .min(0.5)
    .default(6)
    .describe('A leader that does not renew its lease for so long is replaced.'),
  forgetSeconds: seconds
    .default(24 * 3600)
    .describe('Nodes that are gone for so long are forgotten, with what operators have set for them.'),
  eventDays: z.number().positive().default(30).describe('Days for which events are kept.'),
  auditDays: z.number().positive().default(365).describe('Days for which the audit log is kept.'),
  secretOverlapSeconds: seconds
    .default(600)
    .describe(
      'After the secret has changed, the one before is accepted for so long, and signs for half of it.',
    ),
  secretFile: file.optional().describe('Secret that all nodes share; without it no peer is let in.'),
});
