/** A time span as people say it: `45 s`, `12 min`, `3 h`, `5 days`. */
export function span(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

/** `node.dead` with its details: `node dead: node-2 · epoch 3`. */
export function happening(type: string, details: Readonly<Record<string, unknown>>): string {
  const { node, model, ...more } = details;
  const what = type.replaceAll(/[._]/g, ' ');
  const whom = [node, model].filter((name) => typeof name === 'string').join(', ');
  const rest = Object.entries(more).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [whom === '' ? what : `${what}: ${whom}`, ...rest].join(' · ');
}
