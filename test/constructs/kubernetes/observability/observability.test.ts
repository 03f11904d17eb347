import { App, Chart } from 'cdk8s';
import { Observability, type ObservabilityProps } from '../../../../constructs/kubernetes';
import { dashboard } from '../../../../constructs/kubernetes/observability/dashboards/dashboard';
import { select } from '../../../../constructs/kubernetes/observability/promql';
import { runtimePanels } from '../../../../constructs/kubernetes/observability/runtime';
import { RuntimeSeries } from '../../../../constructs/kubernetes/observability/runtime-series';
import { chart, problemsOf } from '../fixtures';

const workload = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'chat', selector: {}, replicas: 3 };
const make = (change: Partial<ObservabilityProps> = {}, scope = chart()) =>
  new Observability(scope, 'observability', { name: 'chat', workloads: [workload], ...change });

describe('a dashboard', () => {
  const { panels, uid } = dashboard('Polypod: chat', runtimePanels({ job: 'chat' }, 3));

  test('has panels that do not overlap, under their headings', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(panels.filter(({ type }) => type === 'row').length).toBeGreaterThan(4);
  });

  test('is another one for another system, and the same one after an update', () => {
    expect(dashboard('Polypod: chat', []).uid).toBe(uid);
    expect(dashboard('Polypod: other', []).uid).not.toBe(uid);
    expect(uid.length).toBeLessThanOrEqual(40);
  });
});

test('names of metrics and labels are checked where they are written', () => {
  const of = new RuntimeSeries({ job: 'chat' }, '5m');
  expect(of.gauge('queued', { model: '~qwen.*' })).toBe(
    'polypod_requests_queued{job="chat",model=~"qwen.*"}',
  );
  expect(of.quantile(0.95, 'firstToken', ['model'])).toBe(
    'histogram_quantile(0.95, sum by (le, model) (rate(polypod_time_to_first_token_seconds_bucket{job="chat"}[5m])))',
  );
  // @ts-expect-error no such metric
  expect(() => of.gauge('queue')).toThrow();
  // @ts-expect-error a histogram has no current value
  of.gauge('firstToken');
  // @ts-expect-error a gauge has no rate
  of.rate('queued');
  // @ts-expect-error it is not told apart by status
  of.gauge('queued', { status: 'healthy' });
  expect(select('up', { pod: '!a"b', job: undefined })).toBe('up{pod!="a\\"b"}');
});

describe('the construct', () => {
  test('refuses what could only watch nothing, or everybody', () => {
    expect(Object.keys(problemsOf(() => make({ workloads: [] })))).toEqual(['workloads']);
    expect(Object.keys(problemsOf(() => make({ name: 'Chat' })))).toEqual(['name']);
    const nowhere = new Chart(new App(), 'nowhere');
    expect(Object.keys(problemsOf(() => make({}, nowhere)))).toEqual(['namespace']);
  });

  test('keeps its own labels, whatever Prometheus and Grafana look for', () => {
    const labels = { release: 'stack', 'app.kubernetes.io/instance': 'other' };
    const { prometheusRule, dashboard: configMap, serviceMonitor } = make({ labels });
    expect(prometheusRule.toJson().metadata.labels).toMatchObject({
      release: 'stack',
      'app.kubernetes.io/instance': 'chat',
    });
    expect(configMap.toJson().metadata.labels).toMatchObject({ grafana_dashboard: '1' });
    expect(serviceMonitor).toBeUndefined();
  });
});
