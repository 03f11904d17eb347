export interface RetryBudgetOptions {
  /** Retries, as a share of requests. */
  readonly share: number;
  /** Retries in a row that are there when few requests come. */
  readonly reserve: number;
}

/** A token bucket that requests fill and retries empty: when much fails, retries do not double the load. */
export class RetryBudget {
  private tokens: number;

  constructor(private readonly options: RetryBudgetOptions) {
    this.tokens = options.reserve;
  }

  request(): void {
    const { share, reserve } = this.options;
    this.tokens = Math.min(reserve, this.tokens + share);
  }

  /** Whether one more retry is in the budget, which it then takes. */
  take(): boolean {
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }
}
