import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Recorded series: `name{label="value"}` → values, one a minute, as `promtool test rules` writes them: `0+1x10`. */
export type Recorded = Readonly<Record<string, string>>;

/** How many alerts of a name are firing at a moment of recorded series. */
export interface AlertCase {
  readonly alert: string;
  readonly series: Recorded;
  /** Time after the first samples: `20m`. */
  readonly at: string;
  readonly firing: number;
}

/** What `promtool check rules` has against rule groups; nothing where all is well. */
export const ruleFaults = (groups: readonly object[]) => faults(groups, ['check', 'rules', 'rules.yaml']);

/** What `promtool test rules` finds other than expected; nothing where all is well. */
export function alertFaults(groups: readonly object[], cases: readonly AlertCase[]): string {
  const tests = cases.map(({ alert, series, at, firing }) => ({
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
        eval_time: at,
        exp_samples: [{ labels: '{}', value: firing }],
      },
    ],
  }));
  return faults(groups, ['test', 'rules', 'tests.yaml'], {
    rule_files: ['rules.yaml'],
    evaluation_interval: '1m',
    tests,
  });
}

/** Rule groups that record expressions, so that promtool reads them. */
export function expressionFaults(expressions: readonly string[]): string {
  const rules = expressions.map((expr, index) => ({ record: `expression_${index}`, expr }));
  return ruleFaults([{ name: 'expressions', rules }]);
}

function faults(groups: readonly object[], args: readonly string[], tests: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'promtool-'));
  try {
    // JSON is YAML.
    writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups }));
    writeFileSync(join(folder, 'tests.yaml'), JSON.stringify(tests));
    const { status, stdout, stderr, error } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
    if (error) throw error;
    return status === 0 ? '' : `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
