import type { Bindings, NativeGrammarState, NativeModel } from './bindings.js';

/** Holds one sequence's output to a grammar, from the start or from right after a trigger on. */
export class OutputConstraint {
  /** Where in the grammar the sequence stands; none before the trigger. */
  state: NativeGrammarState | undefined;
  private readonly decoder = new TextDecoder();
  private seen = '';
  /** What followed the trigger was something else: the text goes on as it likes. */
  private mistaken = false;

  constructor(
    private readonly bindings: Bindings,
    private readonly model: NativeModel,
    private readonly gbnf: string,
    private readonly trigger?: string,
  ) {
    const state = this.start();
    if (trigger === undefined) this.state = state;
  }

  /** Looks at the text for the trigger; returns whether the grammar holds from now on. */
  observe(bytes: Uint8Array): boolean {
    if (this.trigger === undefined || this.state || this.mistaken) return false;
    this.seen += this.decoder.decode(bytes, { stream: true });
    const at = this.seen.indexOf(this.trigger);
    if (at < 0) {
      this.seen = this.seen.slice(-this.trigger.length);
      return false;
    }
    this.state = this.start();
    // The token that completed the trigger may hold the first of what follows, which nothing held to the grammar.
    try {
      for (const token of this.model.tokenize(this.seen.slice(at + this.trigger.length), false))
        this.accept(token);
    } catch {
      this.state = undefined;
      this.mistaken = true;
    }
    return !this.mistaken;
  }

  /** Moves on by a token that was not sampled here; throws where the grammar has no place for it. */
  accept(token: number): void {
    if (this.state) this.bindings.AddonSampler.acceptGrammarEvaluationStateToken(this.state, token);
  }

  private start(): NativeGrammarState {
    const grammar = new this.bindings.AddonGrammar(this.gbnf, { addonExports: this.bindings });
    return new this.bindings.AddonGrammarEvaluationState(this.model, grammar);
  }
}
