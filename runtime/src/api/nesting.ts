import { type ApiError, invalidRequest } from './api-error.js';

/** Far more than any request needs. What nests by thousands parses, but overflows the stack of whoever writes it. */
const MOST_LEVELS = 256;

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
];

/** Whether a JSON text nests too deep; whether it is one, parsing will say. */
export function nestsTooDeep(json: string): boolean {
  let level = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json.charCodeAt(at);
    if (character === QUOTE) {
      at = endOfString(json, at);
      if (at < 0) return false;
    } else if (character === OPEN_LIST || character === OPEN_OBJECT) {
      if (++level > MOST_LEVELS) return true;
    } else if (character === CLOSE_LIST || character === CLOSE_OBJECT) {
      level--;
    }
  }
  return false;
}

/** The refusal; `what` is what the JSON came in. */
export function tooDeep(what: string): ApiError {
  return invalidRequest(`${what} nests deeper than ${MOST_LEVELS} levels.`, null, 'invalid_json');
}

/** Index of the quote that closes the string; -1 if none does. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let before = end;
    while (json.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
  return -1;
}
