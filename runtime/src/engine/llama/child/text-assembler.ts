/**
 * Turns the bytes of tokens into text that may be sent: whole characters only, and nothing that is, or may still
 * become, part of a stop string.
 */
export class TextAssembler {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private held = '';

  constructor(private readonly stops: readonly string[]) {}

  /** Returns the text that is free to go, and whether a stop string ended it. */
  push(bytes: Uint8Array): { text: string; stopped: boolean } {
    const decoded = this.decoder.decode(bytes, { stream: true });
    if (this.stops.length === 0) return { text: decoded, stopped: false };

    const candidate = this.held + decoded;
    let end = -1;
    for (const stop of this.stops) {
      const at = candidate.indexOf(stop);
      if (at >= 0 && (end < 0 || at < end)) end = at;
    }
    if (end >= 0) {
      this.held = '';
      return { text: candidate.slice(0, end), stopped: true };
    }
    const keep = Math.max(...this.stops.map((stop) => overlap(candidate, stop)));
    this.held = candidate.slice(candidate.length - keep);
    return { text: candidate.slice(0, candidate.length - keep), stopped: false };
  }

  /** What was held back as the possible start of a stop string. Half a character is dropped. */
  flush(): string {
    const text = this.held;
    this.held = '';
    return text;
  }
}

/** Length of the longest end of `text` with which `stop` begins. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
