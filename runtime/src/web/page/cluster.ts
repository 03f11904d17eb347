import { act, type ClusterState, readState } from './cluster-state.js';
import { cacheTable, eventItems, integrityOf, modelsTable, nodesTable, summary } from './cluster-tables.js';
import { byId } from './dom.js';

const POLL_MILLISECONDS = 2_000;
const CONFIRM_MILLISECONDS = 4_000;

const live = byId('live', HTMLElement);
const problem = byId('problem', HTMLElement);
const check = byId('check', HTMLButtonElement);

/** Each part as it stands: what has not changed is left alone, so that focus and scrolling stay. */
const shown = new Map<string, string>();
/** While an operator is asked whether they mean it, their button stays. */
let confirming: string | undefined;

check.addEventListener('click', () => void wish(() => act('/api/v1/cluster/integrity', {})));
void poll();

async function poll(): Promise<void> {
  for (;;) {
    if (!document.hidden) await refresh();
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

async function refresh(): Promise<void> {
  try {
    show(await readState());
    live.textContent = 'Live';
    live.className = 'on';
  } catch (error) {
    live.textContent = error instanceof TypeError ? 'Connecting again…' : messageOf(error);
    live.className = 'off';
  }
}

function show(state: ClusterState): void {
  put('summary', summary(state));
  if (confirming === undefined) put('nodes', [nodesTable(state, leave)]);
  put('models', [modelsTable(state)]);
  put('integrity', integrityOf(state.integrity));
  put('events', eventItems(state.events));
  byId('cache-section', HTMLElement).hidden = state.caches === undefined;
  if (state.caches) put('cache', [cacheTable(state.caches)]);
  check.hidden = !state.mayAct;
  check.disabled = state.integrity.status === 'running';
}

function put(id: string, content: readonly Node[]): void {
  const place = byId(id, HTMLElement);
  // What goes away while it is being pressed is never clicked.
  if (place.querySelector(':active')) return;
  const holder = document.createElement('div');
  holder.append(...content);
  const html = holder.innerHTML;
  if (shown.get(id) === html) return;
  shown.set(id, html);
  const focused = document.activeElement?.getAttribute('data-node');
  place.replaceChildren(...content);
  if (focused) place.querySelector<HTMLElement>(`[data-node="${CSS.escape(focused)}"]`)?.focus();
}

/** The first press asks, the second within four seconds does it. */
function leave(node: string, button: HTMLButtonElement): void {
  if (confirming !== node) {
    confirming = node;
    button.textContent = 'Really?';
    button.classList.add('confirm');
    setTimeout(() => {
      if (confirming !== node) return;
      confirming = undefined;
      shown.delete('nodes');
    }, CONFIRM_MILLISECONDS);
    return;
  }
  confirming = undefined;
  shown.delete('nodes');
  void wish(() => act('/api/v1/cluster/leave', { node }));
}

async function wish(work: () => Promise<void>): Promise<void> {
  problem.hidden = true;
  try {
    await work();
  } catch (error) {
    problem.textContent = messageOf(error);
    problem.hidden = false;
  }
  await refresh();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
