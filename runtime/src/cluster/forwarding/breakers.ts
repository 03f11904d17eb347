import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
} from 'cockatiel';

export interface BreakerOptions {
  /** In a row, until the target is left alone. */
  readonly failures: number;
  readonly openSeconds: number;
}

export type BreakerState = 'closed' | 'half-open' | 'open';

/** A circuit breaker for each target: one that fails again and again is left alone, and then tried by one request. */
export class Breakers {
  private readonly breakers = new Map<string, CircuitBreakerPolicy>();

  constructor(
    private readonly options: BreakerOptions,
    private readonly onChange: (id: string, state: BreakerState) => void,
  ) {}

  /** Whether the target may be asked; while one request tries it, others go elsewhere. */
  lets(id: string): boolean {
    const state = this.breakers.get(id)?.state;
    return state === undefined || state === CircuitState.Closed || state === CircuitState.Open;
  }

  /** Rejects with what `attempt` rejects with, or as {@link isBroken} says, without asking. */
  execute(id: string, attempt: () => Promise<void>): Promise<void> {
    return this.of(id).execute(attempt);
  }

  isBroken(error: unknown): boolean {
    return error instanceof BrokenCircuitError;
  }

  private of(id: string): CircuitBreakerPolicy {
    let breaker = this.breakers.get(id);
    if (!breaker) {
      const { failures, openSeconds } = this.options;
      breaker = circuitBreaker(handleAll, {
        halfOpenAfter: openSeconds * 1000,
        breaker: new ConsecutiveBreaker(failures),
      });
      breaker.onStateChange((state) => this.onChange(id, nameOf(state)));
      this.breakers.set(id, breaker);
    }
    return breaker;
  }
}

function nameOf(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed';
  return state === CircuitState.HalfOpen ? 'half-open' : 'open';
}
