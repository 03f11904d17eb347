import { element } from './dom.js';
import { lexer, type Token, type Tokens } from './marked.js';

/**
 * Shows Markdown in an element. Only the parser is a library's; the elements are made here, from a short list, with all
 * text as text: HTML in an answer is shown as it was written. Blocks that have not changed keep their elements, so that
 * a growing answer neither flickers nor loses what the reader has selected.
 */
export class MarkdownView {
  private blocks: string[] = [];

  constructor(private readonly target: HTMLElement) {}

  show(text: string): void {
    const tokens = lexer(text, { gfm: true, breaks: true }).filter(({ type }) => type !== 'space');
    let kept = 0;
    while (kept < tokens.length && this.blocks[kept] === tokens[kept]?.raw) kept++;
    while (this.target.childNodes.length > kept) this.target.lastChild?.remove();
    this.target.append(...tokens.slice(kept).map(block));
    this.blocks = tokens.map(({ raw }) => raw);
  }
}

type Heading = 'h4' | 'h5' | 'h6';

/** One node a token, always. */
function block(token: Token): Node {
  switch (token.type) {
    case 'heading': {
      const level = Math.min(6, (token as Tokens.Heading).depth + 3);
      return element(`h${level}` as Heading, {}, ...inline(token));
    }
    case 'code':
      return code(token as Tokens.Code);
    case 'blockquote':
      return element('blockquote', {}, ...(token.tokens ?? []).map(block));
    case 'list':
      return list(token as Tokens.List);
    case 'table':
      return table(token as Tokens.Table);
    case 'hr':
      return element('hr');
    case 'text':
    case 'paragraph':
      return element('p', {}, ...inline(token));
    default:
      return element('p', {}, token.raw);
  }
}

function inline(token: Token): Node[] {
  const { tokens } = token as { tokens?: Token[] };
  return tokens ? tokens.map(span) : [document.createTextNode(textOf(token))];
}

function span(token: Token): Node {
  switch (token.type) {
    case 'strong':
      return element('strong', {}, ...inline(token));
    case 'em':
      return element('em', {}, ...inline(token));
    case 'del':
      return element('del', {}, ...inline(token));
    case 'codespan':
      return element('code', {}, textOf(token));
    case 'br':
      return element('br');
    case 'link':
      return link((token as Tokens.Link).href, inline(token));
    case 'image':
      // Nothing is loaded from elsewhere: who wants to see it follows the link.
      return link((token as Tokens.Image).href, [document.createTextNode(textOf(token))]);
    case 'text':
      return (token as Tokens.Text).tokens
        ? element('span', {}, ...inline(token))
        : document.createTextNode(textOf(token));
    case 'escape':
      return document.createTextNode(textOf(token));
    default:
      return document.createTextNode(token.raw);
  }
}

function textOf(token: Token): string {
  return (token as { text?: string }).text ?? token.raw;
}

function link(href: string, children: Node[]): Node {
  const safe = /^(https?:\/\/|mailto:)/i.test(href);
  if (!safe) return element('span', {}, ...children);
  return element('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, ...children);
}

function code({ text, lang }: Tokens.Code): Node {
  const copy = element('button', { type: 'button', class: 'copy' }, 'Copy');
  copy.addEventListener('click', () => {
    navigator.clipboard?.writeText(text).then(
      () => {
        copy.textContent = 'Copied';
        setTimeout(() => {
          copy.textContent = 'Copy';
        }, 1_500);
      },
      () => {},
    );
  });
  const name = lang?.split(/\s/, 1)[0] || 'code';
  return element(
    'figure',
    { class: 'code' },
    element('figcaption', {}, element('span', {}, name), copy),
    element('pre', { tabindex: '0', 'aria-label': name }, element('code', {}, text)),
  );
}

function list(token: Tokens.List): Node {
  const items = token.items.map((item) => {
    const loose = item.tokens.map((child) =>
      child.type === 'text' ? element('span', {}, ...inline(child)) : block(child),
    );
    return element('li', {}, ...loose);
  });
  const start = token.ordered && token.start !== 1 ? String(token.start) : undefined;
  return token.ordered ? element('ol', { start }, ...items) : element('ul', {}, ...items);
}

function table({ header, rows }: Tokens.Table): Node {
  const cells = (name: 'th' | 'td', row: Tokens.TableCell[]) =>
    element('tr', {}, ...row.map(({ tokens }) => element(name, {}, ...tokens.map(span))));
  const content = element(
    'table',
    {},
    element('thead', {}, cells('th', header)),
    element('tbody', {}, ...rows.map((row) => cells('td', row))),
  );
  return element('div', { class: 'table', tabindex: '0' }, content);
}
