import { average, count, max, min, sum } from '../promql';
import type { RuntimeSeries } from '../runtime-series';
import { query, type Row, stat, timeSeries } from './panels';

/** What a person on call wants to see of the runtime's nodes, what hurts users first. */
export function runtimeRows(of: RuntimeSeries, nodes: number): readonly Row[] {
  const failed = `(${sum(of.observed('requestSeconds', { status: '~5..' }))} or vector(0))`;
  return [
    {
      title: 'At a glance',
      panels: [
        stat({
          title: 'Healthy nodes',
          description: `As the node sees it that sees the fewest. At least ${nodes}.`,
          unit: 'none',
          queries: [query('nodes', min(of.gauge('clusterMembers', { status: 'healthy' })))],
          red: { below: nodes },
        }),
        stat({
          title: 'Models that nobody has ready',
          description: 'Requests for them fail.',
          unit: 'none',
          queries: [query('models', `count(${max(of.gauge('modelReady'), ['model'])} == 0) or vector(0)`)],
          red: { from: 1 },
        }),
        stat({
          title: 'Failing requests',
          description: 'Share that is answered with 5xx.',
          unit: 'percentunit',
          queries: [query('failing', `${failed} / ${sum(of.observed('requestSeconds'))}`)],
          red: { from: 0.05 },
        }),
        stat({
          title: 'Waiting requests',
          description: 'For a sequence, on all nodes.',
          unit: 'none',
          queries: [query('waiting', sum(of.gauge('queued')))],
        }),
        stat({
          title: 'Redis away',
          description: 'Nodes that can not write their streams.',
          unit: 'none',
          queries: [query('nodes', sum(of.gauge('journalAway')))],
          red: { from: 1 },
        }),
        stat({
          title: 'PostgreSQL away',
          description: 'Nodes that it does not answer.',
          unit: 'none',
          queries: [query('nodes', sum(of.gauge('databaseAway')))],
          red: { from: 1 },
        }),
      ],
    },
    {
      title: 'What users feel',
      panels: [
        timeSeries({
          title: 'Time to first token',
          description: 'Waiting included.',
          unit: 's',
          queries: [
            query('{{model}} p50', of.quantile(0.5, 'firstToken', ['model'])),
            query('{{model}} p95', of.quantile(0.95, 'firstToken', ['model'])),
            query('{{model}} p99', of.quantile(0.99, 'firstToken', ['model'])),
          ],
        }),
        timeSeries({
          title: 'From token to token',
          description: 'People read about four tokens a second.',
          unit: 's',
          queries: [
            query('{{model}} p50', of.quantile(0.5, 'betweenTokens', ['model'])),
            query('{{model}} p95', of.quantile(0.95, 'betweenTokens', ['model'])),
          ],
        }),
        timeSeries({
          title: 'Requests',
          description: 'By status. 429 is more load than capacity, 499 a client that left.',
          unit: 'reqps',
          queries: [query('{{status}}', sum(of.observed('requestSeconds'), ['status']))],
        }),
      ],
    },
    {
      title: 'Load',
      panels: [
        timeSeries({
          title: 'Running and waiting',
          description:
            'Waiting ones above the sequences of all nodes: whoever comes now waits for a whole round.',
          unit: 'short',
          queries: [
            query('{{model}} running', sum(of.gauge('running'), ['model'])),
            query('{{model}} waiting', sum(of.gauge('queued'), ['model'])),
            query('{{model}} at once', sum(of.gauge('sequences'), ['model'])),
          ],
        }),
        timeSeries({
          title: 'Tokens',
          description: 'Generated, read, and found in the cache.',
          unit: 'ops',
          queries: [
            query('{{model}} generated', sum(of.rate('generatedTokens'), ['model'])),
            query('{{model}} of prompts', sum(of.rate('promptTokens'), ['model'])),
            query('{{model}} of prompts, cached', sum(of.rate('cachedTokens'), ['model'])),
          ],
        }),
        timeSeries({
          title: 'KV cache',
          description: 'Share in use, by node.',
          unit: 'percentunit',
          queries: [query('{{pod}} {{model}}', max(of.gauge('kvUsage'), ['pod', 'model']))],
        }),
        timeSeries({
          title: 'Refused',
          description: 'By the limit that was reached.',
          unit: 'reqps',
          queries: [query('{{limit}}', sum(of.rate('refused'), ['limit']))],
        }),
      ],
    },
    {
      title: 'Cluster',
      panels: [
        timeSeries({
          title: 'Members',
          description: 'As the nodes see them. Lines apart: they do not see the same cluster.',
          unit: 'short',
          queries: [
            query('{{status}} most', max(of.gauge('clusterMembers'), ['status'])),
            query('{{status}} fewest', min(of.gauge('clusterMembers'), ['status'])),
          ],
        }),
        timeSeries({
          title: 'Leader',
          description: 'Nodes that lead, which should be 1, and elections in five minutes.',
          unit: 'short',
          queries: [
            query('leaders', sum(of.gauge('leading'))),
            query('elections', sum(of.increase('leaderElections', '5m'))),
          ],
        }),
        timeSeries({
          title: 'Who answers',
          description: 'Why a node was chosen, and answers that broke off.',
          unit: 'reqps',
          queries: [
            query('{{reason}}', sum(of.rate('routed'), ['reason'])),
            query('broken off', sum(of.rate('forwarded', { outcome: 'broken' }))),
            query('continued', sum(of.rate('streamsContinued'))),
          ],
        }),
        timeSeries({
          title: 'Healing',
          description: 'Engines that were started again, and models in quarantine.',
          unit: 'short',
          queries: [
            query('{{pod}} {{model}} restarts', sum(of.increase('engineRestarts', '5m'), ['pod', 'model'])),
            query('{{model}} quarantined', sum(of.gauge('modelQuarantined'), ['model'])),
          ],
        }),
      ],
    },
    {
      title: 'Streams',
      panels: [
        timeSeries({
          title: 'Running',
          description: 'Streams that each node generates, and WebSockets on it.',
          unit: 'short',
          queries: [
            query('{{pod}} streams', sum(of.gauge('streamsRunning'), ['pod'])),
            query('{{pod}} WebSockets', sum(of.gauge('websocketConnections'), ['pod'])),
          ],
        }),
        timeSeries({
          title: 'Lost and found',
          description: 'Taken over from a node that left or died, resumed by a client, not durable.',
          unit: 'ops',
          queries: [
            query('taken over', sum(of.rate('streamsTakenOver'))),
            query('resumed', sum(of.rate('streamsResumed'))),
            query('not durable', sum(of.rate('streamsNotDurable'))),
            query('WebSockets back', sum(of.rate('websocketReconnects'))),
          ],
        }),
        timeSeries({
          title: 'Waiting to be stored',
          description: 'Turns of conversations; those that are being answered are among them.',
          unit: 'short',
          queries: [query('turns', max(of.gauge('turnsWaiting')))],
        }),
      ],
    },
    {
      title: 'Redis, PostgreSQL and files',
      panels: [
        timeSeries({
          title: 'Redis: time of a write',
          description: 'Each step of generation waits for it.',
          unit: 's',
          queries: [
            query('p50', of.quantile(0.5, 'journalSeconds')),
            query('p99', of.quantile(0.99, 'journalSeconds')),
          ],
        }),
        timeSeries({
          title: 'PostgreSQL: time of a heartbeat',
          description: 'A leader that is silent for longer than its lease is replaced.',
          unit: 's',
          queries: [
            query('p50', of.quantile(0.5, 'heartbeatSeconds')),
            query('p99', of.quantile(0.99, 'heartbeatSeconds')),
          ],
        }),
        timeSeries({
          title: 'Cache',
          description: 'Where values come from. source is a miss, stale an outage.',
          unit: 'ops',
          queries: [query('{{from}}', sum(of.rate('cacheReads'), ['from']))],
        }),
        timeSeries({
          title: 'Models',
          description: 'Loading, and files that an integrity check found damaged.',
          unit: 'short',
          queries: [
            query('{{pod}} {{model}} ready', max(of.gauge('modelReady'), ['pod', 'model'])),
            query('{{pod}} {{model}} damaged files', max(of.gauge('modelFilesDamaged'), ['pod', 'model'])),
          ],
        }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        timeSeries({
          title: 'Processor',
          description: 'Cores in use, by node.',
          unit: 'short',
          queries: [query('{{pod}}', `rate(${of.process('process_cpu_seconds_total')}[$__rate_interval])`)],
        }),
        timeSeries({
          title: 'Memory',
          description: 'Of the process, model included.',
          unit: 'bytes',
          queries: [query('{{pod}}', of.process('process_resident_memory_bytes'))],
        }),
        timeSeries({
          title: 'Event loop',
          description: 'How late the process is. Above 0.1 s streams stutter.',
          unit: 's',
          queries: [query('{{pod}} p99', of.gauge('eventLoopDelay', { quantile: '0.99' }))],
        }),
        timeSeries({
          title: 'Scraped nodes',
          description: 'Nodes that Prometheus reaches, and how full their caches are on average.',
          unit: 'short',
          queries: [
            query('reached', sum(of.up())),
            query('known', count(of.up())),
            query('cache entries', average(of.gauge('cacheEntries'), ['cache'])),
          ],
        }),
      ],
    },
  ];
}
