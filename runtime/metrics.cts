/**
 * Every Prometheus metric of the runtime: what `/metrics` shows, and what alerts, dashboards and the documentation are
 * made from. Free of imports but for the contract, so that the library can read it without the runtime.
 */
import { METRICS } from './contract.cjs';

export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, of histograms. */
  readonly buckets?: readonly number[];
}

/** From a token of a fast model to a long answer. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] as const;
/** From a local Redis to one that is in trouble. */
const QUICK_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;
const TOKENS = [1, 16, 64, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 131072] as const;

export const RUNTIME_METRICS = {
  queued: {
    name: METRICS.queued,
    type: 'gauge',
    help: 'Requests that wait for a sequence.',
    labels: ['model'],
  },
  running: {
    name: METRICS.running,
    type: 'gauge',
    help: 'Requests being generated.',
    labels: ['model'],
  },
  kvUsage: {
    name: METRICS.kvUsage,
    type: 'gauge',
    help: 'Share of the KV cache in use, 0 to 1.',
    labels: ['model'],
  },
  sequences: {
    name: 'polypod_sequences',
    type: 'gauge',
    help: 'Requests that can be generated at once.',
    labels: ['model'],
  },
  modelReady: {
    name: 'polypod_model_ready',
    type: 'gauge',
    help: '1 while the model is loaded and answers, else 0.',
    labels: ['model'],
  },
  engineRestarts: {
    name: 'polypod_engine_restarts_total',
    type: 'counter',
    help: 'Attempts to start an engine again that had stopped.',
    labels: ['model'],
  },
  downloadedBytes: {
    name: 'polypod_model_download_bytes',
    type: 'gauge',
    help: 'Bytes of the model that are there, while this node starts.',
    labels: ['model'],
  },
  downloadTotalBytes: {
    name: 'polypod_model_download_total_bytes',
    type: 'gauge',
    help: 'Size of the model, once it is known, while this node starts.',
    labels: ['model'],
  },
  loadProgress: {
    name: 'polypod_model_load_ratio',
    type: 'gauge',
    help: 'How much of the model is loaded, 0 to 1.',
    labels: ['model'],
  },
  promptTokens: {
    name: 'polypod_prompt_tokens_total',
    type: 'counter',
    help: 'Tokens of the prompts that were accepted.',
    labels: ['model'],
  },
  cachedTokens: {
    name: 'polypod_prompt_tokens_cached_total',
    type: 'counter',
    help: 'Prompt tokens that need not be computed, since a sequence still held them.',
    labels: ['model'],
  },
  generatedTokens: {
    name: 'polypod_generated_tokens_total',
    type: 'counter',
    help: 'Tokens generated on this node.',
    labels: ['model'],
  },
  promptLength: {
    name: 'polypod_prompt_tokens',
    type: 'histogram',
    help: 'Tokens a prompt.',
    labels: ['model'],
    buckets: TOKENS,
  },
  firstToken: {
    name: 'polypod_time_to_first_token_seconds',
    type: 'histogram',
    help: 'From a request to its first token, waiting included.',
    labels: ['model'],
    buckets: SECONDS,
  },
  betweenTokens: {
    name: 'polypod_inter_token_seconds',
    type: 'histogram',
    help: 'From one token to the next of the same request.',
    labels: ['model'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5],
  },
  generations: {
    name: 'polypod_generations_total',
    type: 'counter',
    help: 'Generations that ended here; outcome is stop, length, tool_calls, cancelled, refused or failed.',
    labels: ['model', 'outcome'],
  },
  generationSeconds: {
    name: 'polypod_generation_seconds',
    type: 'histogram',
    help: 'From a request to its last token.',
    labels: ['model'],
    buckets: SECONDS,
  },
  requestSeconds: {
    name: 'polypod_http_request_seconds',
    type: 'histogram',
    help: 'From a request to the end of its answer. Status 499: the client left.',
    labels: ['method', 'route', 'status'],
    buckets: SECONDS,
  },
  requestsInFlight: {
    name: 'polypod_http_requests_in_flight',
    type: 'gauge',
    help: 'Requests that have not been answered to the end.',
    labels: [],
  },
  refused: {
    name: 'polypod_requests_refused_total',
    type: 'counter',
    help: 'Requests refused by a limit; limit is rate, concurrency, queue, prompt, body or draining.',
    labels: ['limit'],
  },
  streamsRunning: {
    name: 'polypod_streams_running',
    type: 'gauge',
    help: 'Streams that this node generates.',
    labels: [],
  },
  streamsResumed: {
    name: 'polypod_streams_resumed_total',
    type: 'counter',
    help: 'Streams that a client came back to.',
    labels: [],
  },
  streamsTakenOver: {
    name: 'polypod_streams_taken_over_total',
    type: 'counter',
    help: 'Generations that this node goes on with for another.',
    labels: ['model'],
  },
  journalSeconds: {
    name: 'polypod_journal_write_seconds',
    type: 'histogram',
    help: 'How long it takes to write what one step has generated.',
    labels: [],
    buckets: QUICK_SECONDS,
  },
  journalAway: {
    name: 'polypod_journal_away',
    type: 'gauge',
    help: '1 while Redis does not answer: new streams are not durable then.',
    labels: [],
  },
  // Database and cluster
  databaseAway: {
    name: 'polypod_database_away',
    type: 'gauge',
    help: '1 while PostgreSQL does not answer: no changes to accounts, conversations and the registry.',
    labels: [],
  },
  websocketConnections: {
    name: 'polypod_websocket_connections',
    type: 'gauge',
    help: 'WebSockets that are open on this node.',
    labels: [],
  },
  websocketOpened: {
    name: 'polypod_websocket_opened_total',
    type: 'counter',
    help: 'WebSockets that were opened.',
    labels: [],
  },
  websocketReconnects: {
    name: 'polypod_websocket_reconnects_total',
    type: 'counter',
    help: 'WebSockets of a session that was there before, at this node or another.',
    labels: [],
  },
  websocketRefused: {
    name: 'polypod_websocket_refused_total',
    type: 'counter',
    help: 'WebSockets that were refused: by origin, rights, parameters or the number of connections.',
    labels: [],
  },
  websocketClosed: {
    name: 'polypod_websocket_closed_total',
    type: 'counter',
    help: 'WebSockets that were closed; code is that of the protocol, 1006 where the connection just ended.',
    labels: ['code'],
  },
  websocketFrames: {
    name: 'polypod_websocket_frames_total',
    type: 'counter',
    help: 'Frames; direction is in or out.',
    labels: ['direction'],
  },
  websocketRecovered: {
    name: 'polypod_websocket_chunks_recovered_total',
    type: 'counter',
    help: 'Chunks of answers that clients had missed and got when they came back.',
    labels: [],
  },
  websocketPauses: {
    name: 'polypod_websocket_pauses_total',
    type: 'counter',
    help: 'Times that a slow reader was waited for.',
    labels: [],
  },
  turnsStored: {
    name: 'polypod_conversation_turns_stored_total',
    type: 'counter',
    help: 'Answers of conversations that this node has brought into the database.',
    labels: [],
  },
  turnsWaiting: {
    name: 'polypod_conversation_turns_waiting',
    type: 'gauge',
    help: 'Turns, of all nodes, that were not in the database to the end when this node last looked.',
    labels: [],
  },
  modelQuarantined: {
    name: 'polypod_model_quarantined',
    type: 'gauge',
    help: '1 while the model has failed too often on this node and is kept out of service.',
    labels: ['model'],
  },
  quarantines: {
    name: 'polypod_model_quarantines_total',
    type: 'counter',
    help: 'Times that a model was taken out of service since it had failed too often.',
    labels: ['model'],
  },
  modelUnloads: {
    name: 'polypod_model_unloads_total',
    type: 'counter',
    help: 'Times that a model was unloaded since the leader wanted it elsewhere.',
    labels: ['model'],
  },
  clusterMembers: {
    name: 'polypod_cluster_members',
    type: 'gauge',
    help: 'Nodes as this one sees them, itself included, by status: healthy, suspected, draining, left or dead.',
    labels: ['status'],
  },
  heartbeatSeconds: {
    name: 'polypod_heartbeat_seconds',
    type: 'histogram',
    help: 'Time to write a heartbeat to PostgreSQL.',
    labels: [],
    buckets: QUICK_SECONDS,
  },
  peerPings: {
    name: 'polypod_peer_pings_total',
    type: 'counter',
    help: 'Peers asked directly for a sign of life, by outcome: answered, refused or failed.',
    labels: ['outcome'],
  },
  leading: {
    name: 'polypod_leader',
    type: 'gauge',
    help: '1 while this node leads the cluster. The sum over all nodes is 1, and 0 while a lease runs out.',
    labels: [],
  },
  leaderEpoch: {
    name: 'polypod_leader_epoch',
    type: 'gauge',
    help: 'Epoch in which this node last led.',
    labels: [],
  },
  leaderElections: {
    name: 'polypod_leader_elections_total',
    type: 'counter',
    help: 'Times that this node has become the leader.',
    labels: [],
  },
  dutySeconds: {
    name: 'polypod_duty_seconds',
    type: 'histogram',
    help: "Time that one of the leader's duties took.",
    labels: ['duty'],
    buckets: QUICK_SECONDS,
  },
  dutyFailures: {
    name: 'polypod_duty_failures_total',
    type: 'counter',
    help: 'Duties of the leader that failed; they are done again at the next heartbeat.',
    labels: ['duty'],
  },
  dutiesFenced: {
    name: 'polypod_duties_fenced_total',
    type: 'counter',
    help: 'Duties that were undone since another leader had been elected meanwhile.',
    labels: ['duty'],
  },
  streamsNotDurable: {
    name: 'polypod_streams_not_durable_total',
    type: 'counter',
    help: 'Streams that should be in Redis and live in this process only, since Redis did not take them.',
    labels: [],
  },
  draining: {
    name: 'polypod_draining',
    type: 'gauge',
    help: '1 while the node hands its streams over and takes no new work.',
    labels: [],
  },
  eventLoopDelay: {
    name: 'polypod_event_loop_delay_seconds',
    type: 'gauge',
    help: "The event loop's delay since the last scrape, by quantile: 0.5, 0.99 and 1.",
    labels: ['quantile'],
  },
  // Access: cache, logins, rights.
  cacheReads: {
    name: 'polypod_cache_reads_total',
    type: 'counter',
    help: 'Values read through the cache; from is local, redis, source, or stale: the source was away.',
    labels: ['cache', 'from'],
  },
  cacheEntries: {
    name: 'polypod_cache_entries',
    type: 'gauge',
    help: 'Values that this process holds.',
    labels: ['cache'],
  },
  cacheMessages: {
    name: 'polypod_cache_messages_total',
    type: 'counter',
    help: 'Changes that other nodes told of.',
    labels: [],
  },
  cacheRedisAway: {
    name: 'polypod_cache_redis_away',
    type: 'gauge',
    help: '1 while Redis does not answer the cache, which goes on in this process only.',
    labels: [],
  },
  cacheUnsent: {
    name: 'polypod_cache_unsent_writes',
    type: 'gauge',
    help: 'Changes that Redis will be told of when it is back.',
    labels: [],
  },
  accessRefused: {
    name: 'polypod_access_refused_total',
    type: 'counter',
    help: 'Requests refused for who made them; reason is credentials, key, token, role, cross_site or unavailable.',
    labels: ['reason'],
  },
  logins: {
    name: 'polypod_logins_total',
    type: 'counter',
    help: 'Attempts to log in; method is password or oidc, outcome is success, refused, limited or failed.',
    labels: ['method', 'outcome'],
  },
  auditFailures: {
    name: 'polypod_audit_failures_total',
    type: 'counter',
    help: "Acts that could not be written to the audit log; they are in the node's own log.",
    labels: [],
  },
  modelFilesDamaged: {
    name: 'polypod_model_files_damaged',
    type: 'gauge',
    help: "Files of the model that this node's last integrity check found missing or changed.",
    labels: ['model'],
  },
  integrityChecked: {
    name: 'polypod_integrity_checked_timestamp_seconds',
    type: 'gauge',
    help: 'When this node last finished an integrity check.',
    labels: [],
  },
  routed: {
    name: 'polypod_requests_routed_total',
    type: 'counter',
    help: 'Choices of who answers; reason is affinity, spilled (the one it belongs to has its share), least-loaded or only.',
    labels: ['reason'],
  },
  forwarded: {
    name: 'polypod_requests_forwarded_total',
    type: 'counter',
    help: 'Requests sent to other nodes or backends; outcome is answered, refused, broken or client-left.',
    labels: ['target', 'outcome'],
  },
  forwardRetries: {
    name: 'polypod_forward_retries_total',
    type: 'counter',
    help: 'Requests sent to one more target; cause is connection (it never reached the first) or lost.',
    labels: ['cause'],
  },
  retriesRefused: {
    name: 'polypod_forward_retries_refused_total',
    type: 'counter',
    help: 'Requests that failed since the budget of retries was used up.',
    labels: [],
  },
  streamsContinued: {
    name: 'polypod_answers_continued_total',
    type: 'counter',
    help: 'Answers whose node was lost and that this node went on with, from the journal, without the client seeing it.',
    labels: [],
  },
  breakerState: {
    name: 'polypod_circuit_breaker_state',
    type: 'gauge',
    help: 'Of each node and backend that has failed: 0 closed, 1 half-open, 2 open.',
    labels: ['target'],
  },
  peersRefused: {
    name: 'polypod_peer_requests_refused_total',
    type: 'counter',
    help: 'Calls to the peer port without a valid token; fault is missing, malformed, forged, expired or audience.',
    labels: ['fault'],
  },
  backendUp: {
    name: 'polypod_backend_up',
    type: 'gauge',
    help: '1 while the backend answers its health check, else 0.',
    labels: ['backend'],
  },
} as const satisfies Readonly<Record<string, Metric>>;

/**
 * The names that endpoint pickers of the Gateway API Inference Extension read unless told otherwise: vLLM's, after
 * its "Model Server Protocol". Shown for embedded engines; a vLLM beside the runtime shows its own.
 */
export const GATEWAY_METRICS = {
  queued: {
    name: 'vllm:num_requests_waiting',
    type: 'gauge',
    help: `The same as ${METRICS.queued}.`,
    labels: ['model_name'],
  },
  running: {
    name: 'vllm:num_requests_running',
    type: 'gauge',
    help: `The same as ${METRICS.running}.`,
    labels: ['model_name'],
  },
  kvUsage: {
    name: 'vllm:kv_cache_usage_perc',
    type: 'gauge',
    help: `The same as ${METRICS.kvUsage}.`,
    labels: ['model_name'],
  },
} as const satisfies Readonly<Record<string, Metric>>;
