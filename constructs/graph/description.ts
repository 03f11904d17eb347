import type { Arrow, ArrowStyle, Box } from './picture';

/** A picture in words: workloads with their pods, then every arrow. */
export function describe(boxes: readonly Box[], arrows: readonly Arrow[]): string {
  const pods = boxes.flatMap((box) => (box.type === 'workload' ? [box] : []));
  const names = new Map(boxes.map(({ id, name }) => [id, name]));
  const parts = pods.map(({ kind, name, pods: { min, max } }) => {
    const count = max === null ? `${min} or more` : min === max ? String(min) : `${min} to ${max}`;
    return `${kind} ${name}, ${count} pod${count === '1' ? '' : 's'}`;
  });
  const ways = arrows.map(
    ({ from, to, style, label, isMutual }) =>
      `${names.get(from)} ${VERBS[style]} ${names.get(to)}${label === '' ? '' : ` (${label})`}${isMutual ? ' and the reverse' : ''}`,
  );
  return [...parts, ...ways].join('; ').concat('.');
}

const VERBS: Readonly<Record<ArrowStyle, string>> = {
  traffic: 'sends clients to',
  allowed: 'may connect to',
  open: 'connects to',
  blocked: 'can not connect to',
  mount: 'mounts',
};
