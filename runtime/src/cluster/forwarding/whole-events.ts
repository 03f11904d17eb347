const NEWLINE = 0x0a;
const END = '\n\n';
const ID = Buffer.from('id: ');
const ID_LINE = '\nid: ';

/**
 * Lets only whole server-sent events through, and remembers the number of the last one: what a reader has when the
 * connection breaks is then known, and never half an event.
 */
export class WholeEvents {
  private held: Buffer | undefined;
  private last = -1;

  /** Number of the last event that was let through; -1 if none. */
  get lastId(): number {
    return this.last;
  }

  /** The events that this piece completes; `undefined` if none. */
  push(piece: Buffer): Buffer | undefined {
    const bytes = this.held ? Buffer.concat([this.held, piece]) : piece;
    const end = endOfEvents(bytes);
    this.held = end === bytes.length ? undefined : bytes.subarray(end);
    if (end === 0) return undefined;
    const whole = end === bytes.length ? bytes : bytes.subarray(0, end);
    this.last = lastIdIn(whole) ?? this.last;
    return whole;
  }
}

function endOfEvents(bytes: Buffer): number {
  const { length } = bytes;
  if (length >= 2 && bytes[length - 1] === NEWLINE && bytes[length - 2] === NEWLINE) return length;
  const end = bytes.lastIndexOf(END, undefined, 'latin1');
  return end < 0 ? 0 : end + END.length;
}

/** Data is JSON, in which a line break is escaped: what looks like an id's line is one. */
function lastIdIn(bytes: Buffer): number | undefined {
  const line = bytes.lastIndexOf(ID_LINE, undefined, 'latin1');
  const start = line >= 0 ? line + ID_LINE.length : bytes.indexOf(ID) === 0 ? ID.length : -1;
  if (start < 0) return undefined;
  return Number(bytes.toString('latin1', start, bytes.indexOf(NEWLINE, start)));
}
