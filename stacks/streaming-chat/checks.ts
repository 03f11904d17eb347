import { AGC_STREAM_IDLE_SECONDS } from '../../constructs/kubernetes/traffic/azure-agc';
import { accessMode } from '../topology/access-mode';
import { type Check, INFERENCE_CHECKS, problem, REPLICAS } from '../topology/checks';
import type { InferenceCheck } from '../topology/checks/check';
import type { InferenceSettings } from '../topology/settings';
import type { StreamingChatTopology } from './schema';
import { inferenceOf } from './settings';

type StreamingChatCheck = Check<InferenceSettings, StreamingChatTopology>;

/** Whoever reaches the cache's port reads every conversation in it. */
const cacheAuthenticated: StreamingChatCheck = {
  reads: ['backing.cache'],
  *check({ backing: { cache } }) {
    if (typeof cache !== 'object' || cache.credentials !== undefined) return;
    const reason = 'is missing: whoever reaches the port reads all conversations, and ends them';
    const mend = 'name the Secret with username and password of the account: { secretName: … }';
    yield problem('backing.cache.credentials', undefined, reason, mend);
  },
};

/** A chat for whoever reaches it. */
const peopleAreKnown: StreamingChatCheck = {
  reads: ['security.access', 'allow'],
  *check({ security: { access } }, { allow }) {
    if (accessMode(access) === 'required' || allow['open-chat'] !== undefined) return;
    const reason = access?.mode === 'open' ? `asks nobody who he is: ${OPEN}` : `is missing: ${OPEN}`;
    const mend = 'write required, or name admin, oidc or jwt, or say in allow.open-chat why it will do';
    yield problem('security.access.mode', access?.mode, reason, mend);
  },
};

const OPEN = 'whoever reaches the system chats, and its models work for them';

/** One pod that nobody can stand in for. */
const lossIsSurvived: StreamingChatCheck = {
  reads: REPLICAS,
  *check({ workloads }) {
    const loses = { gateway: 'nobody is connected', worker: 'no answer goes on' };
    for (const { role, replicas } of workloads) {
      if ((role !== 'gateway' && role !== 'worker') || replicas.min !== 1) continue;
      const reason = `is one ${role}: until another has started, ${loses[role]}`;
      const mend = 'write at least 2; kind: Inference has systems of one pod';
      yield problem(`roles.${role}.replicas`, replicas.min, reason, mend);
    }
  },
};

/** Connections that are cut between two pings of theirs. */
const pingsKeepConnections: StreamingChatCheck = {
  reads: ['traffic', 'runtime.websocket'],
  *check({ traffic, runtime: { websocket } }) {
    if (traffic.type === 'none') return;
    const heartbeat = websocket?.heartbeat?.seconds ?? HEARTBEAT_SECONDS;
    const { idle } = traffic.timeouts;
    if (idle.seconds <= heartbeat) {
      const reason = `is no longer than the time between two pings (${heartbeat}s): quiet connections would be cut`;
      yield problem('traffic.timeouts.idle', idle.text, reason, 'leave it out: the default is an hour');
    } else if (traffic.type === 'azure-agc' && heartbeat >= AGC_STREAM_IDLE_SECONDS) {
      const reason = `is no shorter than the ${AGC_STREAM_IDLE_SECONDS}s of silence after which Application Gateway for Containers cuts a connection`;
      const mend = 'leave it out: the default is 12s';
      yield problem('runtime.websocket.heartbeat', websocket?.heartbeat?.text, reason, mend);
    }
  },
};
/** The runtime's default. */
const HEARTBEAT_SECONDS = 12;

const ofChat = ({ reads, check }: InferenceCheck): StreamingChatCheck => ({
  reads,
  check: (settings, topology, context) => check(settings, inferenceOf(topology), context),
});

/** Every combination that a streaming chat is examined for. */
export const STREAMING_CHAT_CHECKS: readonly StreamingChatCheck[] = [
  ...INFERENCE_CHECKS.map(ofChat),
  cacheAuthenticated,
  peopleAreKnown,
  lossIsSurvived,
  pingsKeepConnections,
];
