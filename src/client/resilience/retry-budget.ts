/** Bounds what retries and hedges may add to the load of a cluster that is in trouble. */
import {
  EXTRA_ATTEMPTS_MIN,
  EXTRA_ATTEMPTS_SHARE,
  RETRY_BUDGET_TOKENS,
  RETRY_COST_TOKENS,
  RETRY_TIMEOUT_COST_TOKENS,
  SUCCESS_REFUND_TOKENS,
} from '../../core/defaults.js';
import { checked } from '../../core/checked.js';

export interface RetryBudgetOptions {
  /** The most tokens it holds, and has at first; 500 by default (as the costs, from the AWS SDKs). */
  readonly tokens?: number | undefined;
  /** What a retry or a hedge costs; 5 by default. */
  readonly cost?: number | undefined;
  /** What a retry costs after an attempt that was not answered, which may still be at work; 10 by default. */
  readonly timeoutCost?: number | undefined;
  /** What each success puts back; 1 by default. */
  readonly refund?: number | undefined;
  /** Extra attempts at once, as a share of the calls under way, 0 to 1; 0.2 by default (as Envoy). */
  readonly share?: number | undefined;
  /** Extra attempts at once that the share never forbids, however few calls are under way; 3 by default (as Envoy). */
  readonly least?: number | undefined;
}

/** What went before a retry. */
export type RetryCause = 'failure' | 'timeout';

/**
 * One for all calls of a client. An extra attempt (a retry or a hedge) needs both tokens, which only successes put
 * back, and a place among those at work at once. When everything fails, a client so ends up sending each call once.
 *
 * Throws INVALID_ARGUMENT for options that make no sense.
 *
 * @example
 * const budget = new RetryBudget();
 * async function get(key: string) {
 *   try {
 *     const result = await kv.get(key);
 *     budget.succeeded();
 *     return result;
 *   } catch (error) {
 *     if (!budget.tryRetry(callsUnderWay)) throw error;
 *     return await kv.get(key).finally(() => budget.ended());
 *   }
 * }
 */
export class RetryBudget {
  readonly #capacity: number;
  readonly #cost: number;
  readonly #timeoutCost: number;
  readonly #refund: number;
  readonly #share: number;
  readonly #least: number;
  #tokens: number;
  #extra = 0;

  constructor(options: RetryBudgetOptions = {}) {
    this.#capacity = checked('tokens', options.tokens ?? RETRY_BUDGET_TOKENS, { least: 0 });
    this.#cost = checked('cost', options.cost ?? RETRY_COST_TOKENS, { least: 0 });
    this.#timeoutCost = checked('timeoutCost', options.timeoutCost ?? RETRY_TIMEOUT_COST_TOKENS, { least: 0 });
    this.#refund = checked('refund', options.refund ?? SUCCESS_REFUND_TOKENS, { least: 0 });
    this.#share = checked('share', options.share ?? EXTRA_ATTEMPTS_SHARE, { least: 0, most: 1 });
    this.#least = checked('least', options.least ?? EXTRA_ATTEMPTS_MIN, { least: 0, whole: true });
    this.#tokens = this.#capacity;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** Retries and hedges that were let through and have not ended. */
  get extra(): number {
    return this.#extra;
  }

  /** Whether to try again; if so, `ended` must follow. `underWay`: calls not settled yet, each counted once. */
  tryRetry(underWay: number, cause: RetryCause = 'failure'): boolean {
    return this.#tryExtra(underWay, cause === 'timeout' ? this.#timeoutCost : this.#cost);
  }

  /** Whether to ask a second node meanwhile; if so, `ended` must follow. */
  tryHedge(underWay: number): boolean {
    return this.#tryExtra(underWay, this.#cost);
  }

  /** So many extra attempts are over, whatever became of them. */
  ended(count = 1): void {
    if (count > this.#extra) throw new Error(`${count} extra attempts ended, but only ${this.#extra} were under way`);
    this.#extra -= count;
  }

  /** A call succeeded. */
  succeeded(): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + this.#refund);
  }

  #tryExtra(underWay: number, cost: number): boolean {
    const places = Math.max(this.#least, underWay * this.#share);
    if (this.#tokens < cost || this.#extra + 1 > places) return false;
    this.#tokens -= cost;
    this.#extra += 1;
    return true;
  }
}
