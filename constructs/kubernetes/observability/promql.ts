/**
 * PromQL, with the labels that its series have as a type: what is not there can't be asked for. An expression is the
 * text itself, so the rest of the language stands around it in template literals.
 */
export type Series<Label extends string> = string & { readonly [LABELS]?: Label };

declare const LABELS: unique symbol;

/** Labels that Prometheus gives to all series of a scraped target. */
export type TargetLabel = 'namespace' | 'job' | 'pod';

/** A value is compared; one that begins with `~`, `!` or `!~` is compared as PromQL does after it. */
export type Matchers<Label extends string> = { readonly [L in Label]?: string };

/** The series of a metric with the labels asked for. */
export function select(metric: string, matchers: Readonly<Record<string, string | undefined>>): string {
  const texts = Object.entries(matchers).flatMap(([label, value]) => {
    if (value === undefined) return [];
    const [, operator = '', text = ''] = /^(!~|!|~|)(.*)$/s.exec(value) ?? [];
    const sign = { '': '=', '!': '!=', '~': '=~', '!~': '!~' }[operator];
    return [`${label}${sign}${JSON.stringify(text)}`];
  });
  return texts.length === 0 ? metric : `${metric}{${texts.join(',')}}`;
}

type Aggregation = <Label extends string>(
  series: Series<Label>,
  by?: readonly NoInfer<Label>[],
) => Series<Label>;

const aggregation =
  (operator: string): Aggregation =>
  (series, by = []) =>
    by.length === 0 ? `${operator}(${series})` : `${operator} by (${by.join(', ')}) (${series})`;

export const sum = aggregation('sum');
export const max = aggregation('max');
export const min = aggregation('min');
export const average = aggregation('avg');
export const count = aggregation('count');
