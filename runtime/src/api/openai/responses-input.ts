import type { StreamHeader } from '../../streams/journal.js';
import { invalidRequest } from '../api-error.js';
import { type InputItem, type ResponseRequest, toItems } from './responses-request.js';

interface StoredItem {
  readonly id: string;
  readonly [field: string]: unknown;
}

const PREFIXES = { message: 'msg', function_call: 'fc', function_call_output: 'fco' } as const;

/** The input as it is stored with a response: every item with an id, all content in parts. */
export function inputItems(responseId: string, request: ResponseRequest): StoredItem[] {
  return toItems(request).map((item, index) => {
    const made = `${PREFIXES[item.type]}_${responseId.replace(/^resp_/, '')}i${String(index).padStart(4, '0')}`;
    return { ...item, id: item.id ?? made, status: item.status ?? 'completed', ...content(item) };
  });
}

function content(item: InputItem): object {
  if (item.type !== 'message' || typeof item.content !== 'string') return {};
  const part =
    item.role === 'assistant'
      ? { type: 'output_text', text: item.content, annotations: [] }
      : { type: 'input_text', text: item.content };
  return { content: [part] };
}

export interface ItemsQuery {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  readonly after?: string | undefined;
}

/** A page of a response's input items, newest first unless asked otherwise. */
export function itemsPage({ rendering }: StreamHeader, { limit, order, after }: ItemsQuery): object {
  const stored = Array.isArray(rendering.input) ? (rendering.input as readonly StoredItem[]) : [];
  const items = order === 'asc' ? stored : stored.toReversed();
  const start = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0) throw invalidRequest(`There is no item '${after}'.`, 'after');
  const data = items.slice(start, start + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + limit < items.length,
  };
}
