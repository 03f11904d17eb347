import { isPlaceholder } from '../../contracts/placeholder';
import type { Container } from './container';
import type { Setting } from './settings';

interface Word {
  readonly text: string;
  readonly path: string;
}

/**
 * What a command line says: `--name value` and `--name=value` as `--name`, a lone `--name` as `true`,
 * `-c name=value` (PostgreSQL's way) as `name`, and `NAME=value` before a command as `NAME`.
 */
export function argumentSettings(
  container: Container,
  expand: (text: string) => string,
): { settings: Setting[]; words: Word[] } {
  const words = container.commandLine.flatMap(({ text, path }, index, line) => {
    const previous = line[index - 1]?.text ?? '';
    const isScript =
      /^-\w*c$/.test(previous) && /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(line[index - 2]?.text ?? '');
    return (isScript ? shellWords(text) : [text]).map((word) => ({ text: expand(word), path }));
  });
  const settings: Setting[] = [];
  const add = (name: string, value: string, path: string) =>
    settings.push({
      name,
      value: isPlaceholder(value) ? undefined : value,
      source: 'argument',
      isSecret: false,
      object: container.workload.object,
      path,
    });
  words.forEach(({ text, path }, index) => {
    const next = words[index + 1];
    const assigned =
      /^(-{1,2}[A-Za-z][\w.-]*)=([\s\S]*)$/.exec(text) ?? /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text);
    if (assigned?.[1] !== undefined && assigned[2] !== undefined) add(assigned[1], assigned[2], path);
    else if (/^-{1,2}[A-Za-z][\w.-]*$/.test(text)) {
      const hasValue = next !== undefined && (!next.text.startsWith('-') || /^-[\d.]+$/.test(next.text));
      add(text, hasValue ? next.text : 'true', hasValue ? next.path : path);
    }
  });
  return { settings, words };
}

/** Splits a shell script into words; quotes and continued lines are understood, substitutions are left alone. */
function shellWords(script: string): string[] {
  const words: string[] = [];
  for (const [part] of script.replace(/\\\r?\n/g, ' ').matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'])+/g)) {
    const word = part.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
      (_whole, double?: string, single?: string) => double ?? single ?? '',
    );
    words.push(word.replace(/;$/, ''));
  }
  return words;
}
