import * as z from 'zod';
import { access } from '../topology/schema/access';
import { map } from '../topology/schema/fields';
import { inference } from '../topology/schema/inference';
import { runtime } from '../topology/schema/runtime';
import { role } from '../topology/schema/scaling';
import { reason } from '../topology/schema/system';

/** What a system of three workloads of its own has no use for at its root. */
const OF_ONE_WORKLOAD = { replicas: true, resources: true, autoscaling: true } as const;

const roles = map({
  gateway: role
    .prefault({})
    .describe('WebSockets, sessions, the chat page and the API. Default: 3 to 6 pods.'),
  worker: role
    .prefault({})
    .describe(
      "Models. A conversation stays with the pod that has it in its cache, unless that has more than its share. Default: 3 pods, up to the profile's.",
    ),
  controller: role.prefault({}).describe("The leader's duties. Default: 2 pods, one of which stands by."),
});

/** `kind: StreamingChat`: chat over WebSockets on gateways and workers, as seed 004 describes it. */
export const streamingChat = inference.omit(OF_ONE_WORKLOAD).extend({
  kind: z
    .literal('StreamingChat')
    .describe('Chat over WebSockets: gateways that hold people, workers that hold models.'),
  roles: roles.prefault({}).describe('A workload for each role.'),
  runtime: runtime
    .prefault({})
    .describe(
      "How its pods behave. Default: the runtime's own, with 600 requests a minute from each address and with each key.",
    ),
  security: inference.shape.security
    .unwrap()
    .extend({
      access: access
        .prefault({ admin: {} })
        .describe(
          'Who may chat. Default: who logs in, at first as admin, with the password of Secret NAME-admin.',
        ),
    })
    .prefault({})
    .describe('Secrets, by reference; never their values.'),
  allow: inference.shape.allow
    .unwrap()
    .extend({
      'open-chat': reason().optional().describe('Nobody logs in: whoever reaches the system chats.'),
    })
    .prefault({})
    .describe('Findings that are accepted, each with the reason.'),
});

/** A streaming chat as one writes it. */
export type StreamingChatInput = z.input<typeof streamingChat>;

/** A streaming chat as read: units parsed, defaults of the schema filled in. */
export type StreamingChatTopology = z.output<typeof streamingChat>;
