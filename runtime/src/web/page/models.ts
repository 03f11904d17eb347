import { element } from './dom.js';

const POLL_MILLISECONDS = 2_000;
const REMEMBERED = 'polypod.model';

interface Model {
  readonly id: string;
  readonly capabilities?: { readonly chat?: boolean };
}

/** Fills the picker with the models that can chat, and asks again until there is one. */
export async function fillModels(select: HTMLSelectElement, onChange: () => void): Promise<void> {
  select.addEventListener('change', () => localStorage.setItem(REMEMBERED, select.value));
  for (;;) {
    const models = await chatModels().catch(() => []);
    select.replaceChildren(...models.map(({ id }) => element('option', { value: id }, id)));
    const remembered = localStorage.getItem(REMEMBERED);
    if (models.some(({ id }) => id === remembered)) select.value = remembered ?? '';
    select.disabled = models.length === 0;
    onChange();
    if (models.length > 0) return;
    select.append(element('option', {}, 'Loading…'));
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

async function chatModels(): Promise<readonly Model[]> {
  const response = await fetch('/v1/models');
  if (!response.ok) return [];
  const { data }: { data: readonly Model[] } = await response.json();
  return data.filter(({ capabilities }) => capabilities?.chat !== false);
}
