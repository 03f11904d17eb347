import { type Duration, parseDuration } from '../../../constructs/contracts/units';
import { duration, labels, map, parsed, text, wordOr } from './fields';

const observabilityFields = map({
  labels: labels()
    .default({})
    .describe('Labels by which Prometheus finds monitor and rules: { release: kube-prometheus-stack }.'),
  dashboardLabels: labels()
    .default({ grafana_dashboard: '1' })
    .describe("Labels by which Grafana's sidecar finds the dashboard."),
  scrapeInterval: duration(5, 300).prefault('30s').describe('Time between scrapes, 5s to 5m.'),
  runbooks: text((value) =>
    /^https?:\/\/[^\s?#]+[^\s/?#]$/.test(value) && URL.canParse(value)
      ? undefined
      : {
          reason: 'is not the address of a folder',
          mend: 'write one such as https://wiki.acme.dev/polypod, without a slash at its end',
        },
  )
    .optional()
    .describe("Where docs/ is read from, for links from alerts. Default: the package's copy."),
});

const latency = (least: string) =>
  parsed<string, Duration>(
    (input) => {
      const result = parseDuration(input);
      if (!result.ok || result.value.seconds > 0) return result;
      return { ok: false, fault: { reason: 'is no time', mend: `write at least ${least}` } };
    },
    { type: 'string', examples: ['10s', '250ms'] },
  );

const NEEDS =
  'The cluster must have the Prometheus operator, kube-state-metrics and Grafana with its sidecar: kube-prometheus-stack.';

/** Alerts and a dashboard. */
export const observability = wordOr('off', observabilityFields)
  .default('off')
  .describe(`Alerts and a dashboard; {} takes the defaults. ${NEEDS}`);

/** Alerts and a dashboard of systems that run the runtime, whose nodes are scraped. */
export const runtimeObservability = wordOr(
  'off',
  observabilityFields.extend({
    firstToken: latency('1ms')
      .optional()
      .describe('An alert says if 5 % of requests wait longer for their first token. Default: 10s.'),
    betweenTokens: latency('1ms')
      .optional()
      .describe('An alert says if 5 % of tokens come further apart. Default: 250ms.'),
  }),
)
  .default('off')
  .describe(`Scraping of all nodes, alerts and a dashboard; {} takes the defaults. ${NEEDS}`);
