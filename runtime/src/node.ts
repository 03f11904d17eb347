import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { PATHS } from '../contract.cjs';
import { modelNotFound, modelUnavailable } from './api/api-error.js';
import { chatCompletions } from './api/openai/chat-completions.js';
import { completions } from './api/openai/completions.js';
import { embeddings } from './api/openai/embeddings.js';
import { models } from './api/openai/models.js';
import { rendererOf } from './api/openai/renderers.js';
import { responses } from './api/openai/responses.js';
import { streams } from './api/openai/streams.js';
import { createServer } from './api/server.js';
import { clusterHealth, createCluster, pings } from './cluster/cluster.js';
import { clusterRoutes } from './cluster/cluster-routes.js';
import { offersOf, peerUrlOf, stateOf } from './cluster/describe-node.js';
import { alwaysHere, directEngines } from './cluster/direct-engines.js';
import { eventRoutes } from './cluster/event-routes.js';
import { ClusterEvents } from './cluster/events.js';
import { openForwarding } from './cluster/forwarding/open-forwarding.js';
import { startAnywhere, startForPeers } from './cluster/forwarding/start-anywhere.js';
import { leaveOfNode, leaveRoute } from './cluster/leaving.js';
import { operatorRoutes } from './cluster/operator-routes.js';
import { PeerCaller } from './cluster/peer-call.js';
import { createPeerServer } from './cluster/peer-server.js';
import { nameByAddresses, openPeerTokens } from './cluster/peers/open-peer-tokens.js';
import { hashOf } from './cluster/routing/rendezvous.js';
import type { LiveConfig } from './config/live-config.js';
import { nodeIdOf } from './config/node-id.js';
import { servedModels } from './config/served-models.js';
import { conversationRoutes } from './conversations/conversation-routes.js';
import { openConversations } from './conversations/open-conversations.js';
import { openDatabase } from './database/open-database.js';
import { Engines } from './engine/engines.js';
import { openIdentity } from './identity/identity.js';
import { decoratePrincipal } from './identity/principal.js';
import { Integrity, integrityOfNode, integrityRoutes } from './integrity/integrity.js';
import { modelStoreOf } from './models/configured-store.js';
import { fetchLog } from './models/fetch-log.js';
import { observeEngines } from './operations/engine-metrics.js';
import { limitLoad } from './operations/load-limits.js';
import { measured } from './operations/measured-engine.js';
import { Metrics } from './operations/metrics.js';
import { createMetricsServer } from './operations/metrics-server.js';
import { probes } from './operations/probes.js';
import { observeRequests } from './operations/request-log.js';
import { whenIdle } from './operations/when-idle.js';
import { Generations } from './streams/generations.js';
import type { StreamHeader } from './streams/journal.js';
import { openJournal } from './streams/open-journal.js';
import { Takeovers } from './streams/takeovers.js';
import { chatPage } from './web/chat-page.js';
import { chatSocket } from './websocket/chat-socket.js';

/** A running node. */
export interface RuntimeNode {
  readonly engines: Engines;
  /** Method and path of each route of the API. */
  readonly routes: readonly string[];
  /** Base URL of the API. */
  readonly url: string;
  readonly metricsUrl: string;
  /** Base URL of what other nodes call; `undefined` without a cluster secret. */
  readonly peerUrl: string | undefined;
  /**
   * Takes no new work, hands streams over, and lets answers end, for `drainSeconds` at most. Reading and probes still
   * work then.
   */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Puts a node together and starts it: the one place that knows all parts. The API listens at once, so that probes see
 * the progress; it resolves when all models are loaded. Aborting `signal` gives a start up.
 */
export async function startNode(live: LiveConfig, logger: Logger, signal: AbortSignal): Promise<RuntimeNode> {
  const config = live.current;
  const engines = new Engines(config, modelStoreOf(config), fetchLog(logger), {
    async onUnload(model, engine) {
      metrics.of.modelUnloads.inc({ model });
      await generations.handOver(model);
      const isBusy = () => engine.load.running + engine.load.queued > 0;
      await whenIdle(isBusy, live.current.drainSeconds);
    },
    onQuarantine(model, reason, seconds) {
      metrics.of.quarantines.inc({ model });
      logger.error({ model, reason, seconds }, 'model quarantined');
      events.record('model.quarantined', { model, reason, seconds });
    },
    onRelease(model) {
      logger.info({ model }, 'model answers again');
      events.record('model.released', { model });
    },
    onError: (err) => logger.error({ err }, 'model not loaded'),
  });
  const engineOf = (model: string) => {
    const engine = engines.get(model);
    if (!engine) throw isExpected(model) ? modelUnavailable(model) : modelNotFound(model);
    return engine;
  };
  /** It is some other node's, perhaps one that is still starting. */
  const isExpected = (model: string) =>
    [...config.models, ...cluster.members.all.flatMap(({ models }) => models)].some(({ id }) => id === model);
  const nodeId = nodeIdOf(config);
  const metrics = new Metrics();
  const journal = await openJournal(live, nodeId, logger, metrics);
  const database = await openDatabase(config.database, logger, metrics);
  const onError = (err: unknown) => logger.error({ err }, 'event not recorded');
  const events = new ClusterEvents({ node: nodeId, database, onError });
  observeEngines(metrics, engines, config.engine === undefined);
  const peerTokens = await openPeerTokens(config, nodeId, logger);
  const caller = peerTokens && new PeerCaller(peerTokens.tokens);
  const cluster = createCluster({
    ...{ config, database, events, logger, metrics },
    call: caller?.post,
    id: nodeId,
    offers: offersOf(config),
    state: () => stateOf(engines.status),
  });
  engines.want(database ? alwaysHere(config) : new Set(config.models.map(({ id }) => id)));
  cluster.onDirections(directEngines(engines, config));
  const identity = await openIdentity({ config, nodeId, database, metrics, logger });
  const draining = new AbortController();
  const closing = new AbortController();
  const stopping = new AbortController();
  const generatorOf = (model: string) =>
    measured(engineOf(model), metrics, () => live.current.limits.promptTokens);
  const conversations = await openConversations({
    ...{ live, journal, database, metrics, logger },
    start: (header) => startAnywhere(starting(), header, hashOf(header.turn?.conversation ?? header.id)),
    leads: () => !database || cluster.members.leader === nodeId,
  });
  const generations: Generations = new Generations(
    generatorOf,
    journal,
    (err) => logger.error({ err }, 'generation failed'),
    (header) => conversations.ended(header),
  );
  const takeovers = new Takeovers({
    generations,
    journal,
    engineOf: (model) => engines.all.find(({ description }) => description?.id === model),
    endsOrphans: () => cluster.leads || cluster.members.leader === undefined,
    orphanedSeconds: () => live.current.streams.orphanedSeconds,
    onTakeover: (stream, seconds) => logger.info({ stream, seconds }, 'stream taken over'),
    onError: (err) => logger.error({ err }, 'stream not taken over'),
  });
  const streaming = { generations, journal, rendererOf };
  const others = await openForwarding({
    ...{ config, engines, streaming, events, metrics, logger },
    members: cluster.members,
    tokens: peerTokens?.tokens,
    draining: draining.signal,
  });

  const starting = () => ({
    router: others.router,
    start: (header: StreamHeader, gone?: AbortSignal) => generations.start(header, gone),
    // Without Redis nobody could read what another node writes.
    call: config.redis && caller?.post,
  });

  const app = createServer({ logger, maxBodyBytes: config.limits.bodyBytes, http: config.http });
  const requests = observeRequests(app, nodeId, metrics);
  decoratePrincipal(app);
  const admit = limitLoad(app, {
    limits: () => live.current.limits,
    draining: draining.signal,
    hasOthers: () => others.hasOthers && !closing.signal.aborted,
    metrics,
  });
  const routes = identity.protect(app);
  others.forwarding.serve(app);
  metrics.onScrape(() => {
    metrics.of.streamsRunning.set(generations.ids.length);
    metrics.of.draining.set(draining.signal.aborted ? 1 : 0);
  });
  probes(app, {
    nodeId,
    role: config.role,
    engines,
    draining: draining.signal,
    details: () => ({
      streams: generations.ids.length,
      requestsInFlight: requests.inFlight,
      ...clusterHealth(cluster, database),
    }),
  });
  const answers = (server: FastifyInstance) => {
    chatCompletions(server, streaming);
    completions(server, streaming);
    embeddings(server, engineOf);
    responses(server, streaming, () => live.current.streams.storedSeconds);
  };
  answers(app);
  models(app, () => others.models());
  streams(app, streaming);
  conversationRoutes(app, conversations);
  const closeSockets = await chatSocket(app, {
    ...{ ...conversations, journal, metrics, admit, node: nodeId, draining: draining.signal },
    config: () => live.current.websocket,
    admitsStill: (request) => identity.admitsStill(request),
    publicUrl: config.access.publicUrl,
  });
  identity.routes(app);
  await chatPage(app, config.access.publicUrl);

  let drained: Promise<void> | undefined;
  const drainOnce = async () => {
    draining.abort();
    takeovers.stop();
    await cluster.drain();
    await generations.handOver();
    const isBusy = () => generations.ids.length + requests.inFlight + (peers?.inFlight ?? 0) > 0;
    // Balancers that look at readiness send nothing more by now. Others learn it by a refusal, and go elsewhere.
    await whenIdle(isBusy, live.current.drainSeconds / 2);
    closing.abort();
    await whenIdle(isBusy, live.current.drainSeconds / 2);
  };
  const drain = () => {
    drained ??= drainOnce();
    return drained;
  };
  const metricsServer = createMetricsServer(metrics);
  const { bodyBytes: maxBodyBytes } = config.limits;
  const peers =
    peerTokens &&
    createPeerServer({ ...{ nodeId, maxBodyBytes, metrics, logger }, tokens: peerTokens.tokens });
  const asking = { members: cluster.members, call: caller?.post };
  const integrity = new Integrity({
    ...{ ...asking, events, metrics },
    node: nodeId,
    store: resolve(config.modelDirectory),
    models: servedModels(config),
  });
  clusterRoutes(app, cluster);
  operatorRoutes(app, { cluster, database, events });
  eventRoutes(app, events, database, stopping.signal);
  integrityRoutes(app, integrity);
  leaveRoute(app, { ...asking, drain });
  if (peers) {
    pings(peers.app, cluster);
    integrityOfNode(peers.app, integrity);
    leaveOfNode(peers.app, { drain });
    startForPeers(peers.app, { ...starting(), journal, draining: draining.signal });
    limitLoad(peers.app, {
      limits: () => ({ ...live.current.limits, requestsPerMinute: {} }),
      draining: draining.signal,
      hasOthers: () => false,
      metrics,
    });
    answers(peers.app);
  }

  const stop = async () => {
    stopping.abort();
    takeovers.stop();
    await generations.handOver();
    await cluster.leave();
    await app.close();
    await engines.stop();
    await closeSockets();
    await conversations.close();
    await journal.close();
    await peers?.app.close();
    await others.close();
    await caller?.close();
    peerTokens?.close();
    await integrity.stop();
    await identity.close();
    await events.written();
    await database?.close();
    metricsServer.close();
    metricsServer.closeAllConnections();
    metrics.close();
  };
  const giveUp = () => void engines.stop();
  signal.addEventListener('abort', giveUp);
  try {
    await once(metricsServer.listen(config.ports.metrics, config.host), 'listening');
    await peers?.app.listen({ host: config.host, port: config.ports.peer });
    const reachedAt = peers && peerUrlOf(config, peers.app.server);
    if (peers && peerTokens && reachedAt !== undefined) nameByAddresses(peerTokens, peers.app, reachedAt);
    // First, so that nobody is told of a cluster without other nodes and their models.
    await cluster.start(reachedAt);
    await app.listen({ host: config.host, port: config.ports.api });
    await engines.start(signal);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  const peerUrl = peers && urlOf(peers.app.server);
  const metricsUrl = `${urlOf(metricsServer)}${PATHS.metrics}`;
  return { engines, routes, url: urlOf(app.server), metricsUrl, peerUrl, drain, stop };
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  const host =
    address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
