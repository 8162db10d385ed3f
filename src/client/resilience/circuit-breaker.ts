/** Keeps calls away from a node that fails most of them, and finds out with a few when it is well again. */
import {
  BREAKER_BUCKETS,
  BREAKER_CALLS_MIN,
  BREAKER_FAILING_SHARE,
  BREAKER_HEARD_AFTER_MS,
  BREAKER_OPEN_MAX_MS,
  BREAKER_OPEN_MIN_MS,
  BREAKER_PROBE_LEASE_MS,
  BREAKER_PROBES,
  BREAKER_WINDOW_MS,
} from '../../core/defaults.js';
import { checked } from '../../core/checked.js';
import { refusal, type Refusal } from '../../core/grant.js';
import { OutcomeWindow } from './outcome-window.js';

/** Every default but that of `probeLeaseMs` and `probes` is Hystrix's; the doubling is ours. */
export interface CircuitBreakerOptions {
  /** What outcomes are counted over, in milliseconds; 10000 by default. */
  readonly windowMs?: number | undefined;
  /** Parts of the window, forgotten one at a time; 10 by default. */
  readonly buckets?: number | undefined;
  /** Fewer calls than this in the window say nothing; 20 by default. */
  readonly callsMin?: number | undefined;
  /** Opens where at least this share of the calls in the window failed, 0 to 1; 0.5 by default. */
  readonly failingShare?: number | undefined;
  /** How long it stays open the first time, in milliseconds; 5000 by default. Doubles whenever a probe fails. */
  readonly openMinMs?: number | undefined;
  /** The longest it stays open, in milliseconds; 30000 by default. */
  readonly openMaxMs?: number | undefined;
  /** Calls let through while half-open; all must succeed. 3 by default. */
  readonly probes?: number | undefined;
  /** How long a probe may stay unreported, in milliseconds; 2000 by default. More than a call can take. */
  readonly probeLeaseMs?: number | undefined;
  /** Told of every change once it has happened; must not throw. */
  readonly onChange?: ((change: BreakerChange) => void) | undefined;
}

/** What a breaker is doing; each variant has only what it needs. Times are on the caller's monotonic clock. */
export type BreakerState =
  | { readonly kind: 'closed'; readonly calls: number; readonly failures: number }
  /** Past `untilMs` the next call finds it half-open. */
  | { readonly kind: 'open'; readonly untilMs: number; readonly openMs: number }
  /** `out`: probes not reported yet. */
  | { readonly kind: 'halfOpen'; readonly out: number; readonly succeeded: number };

export interface BreakerChange {
  readonly from: BreakerState['kind'];
  readonly to: BreakerState;
  readonly atMs: number;
}

/**
 * Leave for one call, to be reported exactly once. While the breaker is closed all calls share one object, so that
 * nothing is allocated; a probe has its own. A report that comes once the breaker has changed, or after
 * `deadlineMs`, is ignored.
 */
export interface Lease {
  readonly granted: true;
  /** A probe that was not reported by then makes room for another one; Infinity for other calls. */
  readonly deadlineMs: number;
  /** The node answered. A refusal that says nothing against the node (a failed comparison) is an answer, too. */
  succeed(nowMs: number): void;
  /** The node failed: it did not answer, the connection broke, or it said that it cannot serve. */
  fail(nowMs: number): void;
  /** The call says nothing about the node: it was not sent, or its caller gave it up. */
  release(nowMs: number): void;
}

interface Closed {
  readonly kind: 'closed';
  readonly window: OutcomeWindow;
  readonly lease: Lease;
}

interface Open {
  readonly kind: 'open';
  readonly openMs: number;
  readonly sinceMs: number;
  untilMs: number;
}

interface HalfOpen {
  readonly kind: 'halfOpen';
  /** How long it was open before. */
  readonly openMs: number;
  readonly out: Set<Lease>;
  succeeded: number;
}

/**
 * Closed, open or half-open. Open: refuses every call. Half-open: lets a few calls through, each with a lease that
 * ends by itself, and refuses the rest at once; nobody ever waits behind a breaker. When all probes have succeeded
 * it closes, with nothing remembered; when one fails it opens again for twice as long. A call that fails is what
 * opens it: a node that has just answered is not given up.
 *
 * Throws INVALID_ARGUMENT for options that make no sense.
 *
 * @example
 * const breaker = new CircuitBreaker({ onChange: ({ to }) => console.warn(`the node's breaker is ${to.kind}`) });
 * const leave = breaker.tryAcquire(performance.now());
 * if (!leave.granted) throw new Error(`not asked; try again in ${leave.retryAfterMs} ms`);
 * try {
 *   const response = await fetch(url);
 *   if (response.status < 500) leave.succeed(performance.now());
 *   else leave.fail(performance.now());
 * } catch (error) {
 *   leave.fail(performance.now());
 *   throw error;
 * }
 */
export class CircuitBreaker {
  readonly #windowMs: number;
  readonly #buckets: number;
  readonly #callsMin: number;
  readonly #failingShare: number;
  readonly #openMinMs: number;
  readonly #openMaxMs: number;
  readonly #probes: number;
  readonly #probeLeaseMs: number;
  readonly #onChange: ((change: BreakerChange) => void) | undefined;
  #period: Closed | Open | HalfOpen;

  constructor(options: CircuitBreakerOptions = {}) {
    const { openMinMs = BREAKER_OPEN_MIN_MS } = options;
    this.#windowMs = checked('windowMs', options.windowMs ?? BREAKER_WINDOW_MS, { above: 0 });
    this.#buckets = checked('buckets', options.buckets ?? BREAKER_BUCKETS, { least: 1, most: 1_000, whole: true });
    this.#callsMin = checked('callsMin', options.callsMin ?? BREAKER_CALLS_MIN, { least: 1, whole: true });
    this.#failingShare = checked('failingShare', options.failingShare ?? BREAKER_FAILING_SHARE, { above: 0, most: 1 });
    this.#openMinMs = checked('openMinMs', openMinMs, { above: 0 });
    const openMaxMs = options.openMaxMs ?? Math.max(BREAKER_OPEN_MAX_MS, openMinMs);
    this.#openMaxMs = checked('openMaxMs', openMaxMs, { least: openMinMs });
    this.#probes = checked('probes', options.probes ?? BREAKER_PROBES, { least: 1, whole: true });
    this.#probeLeaseMs = checked('probeLeaseMs', options.probeLeaseMs ?? BREAKER_PROBE_LEASE_MS, { above: 0 });
    this.#onChange = options.onChange;
    this.#period = this.#closed();
  }

  /** Leave for a call that begins now, or a refusal. Allocates nothing while the breaker is closed. */
  tryAcquire(nowMs: number): Lease | Refusal {
    const period = this.#period;
    if (period.kind === 'closed') return period.lease;
    if (period.kind === 'halfOpen') return this.#probe(period, nowMs);
    if (nowMs < period.untilMs) return refusal(period.untilMs - nowMs);
    const halfOpen: HalfOpen = { kind: 'halfOpen', openMs: period.openMs, out: new Set(), succeeded: 0 };
    this.#change(halfOpen, nowMs);
    return this.#probe(halfOpen, nowMs);
  }

  /** Whether a call that begins now would get leave. Takes none and changes nothing. */
  isAvailable(nowMs: number): boolean {
    const period = this.#period;
    if (period.kind === 'closed') return true;
    if (period.kind === 'open') return nowMs >= period.untilMs;
    return probesOut(period, nowMs) + period.succeeded < this.#probes;
  }

  /**
   * The node has shown otherwise that it is there (it answered late, or took a new connection): what is left of the
   * time for which the breaker stays open is forgiven, all but the first second.
   */
  heard(nowMs: number): void {
    const period = this.#period;
    if (period.kind !== 'open') return;
    period.untilMs = Math.min(period.untilMs, Math.max(nowMs, period.sinceMs + BREAKER_HEARD_AFTER_MS));
  }

  stateAt(nowMs: number): BreakerState {
    return describe(this.#period, nowMs);
  }

  #probe(period: HalfOpen, nowMs: number): Lease | Refusal {
    for (const probe of period.out) if (nowMs >= probe.deadlineMs) period.out.delete(probe);
    if (period.out.size + period.succeeded >= this.#probes) {
      const firstBackMs = Math.min(...Array.from(period.out, ({ deadlineMs }) => deadlineMs));
      return refusal(firstBackMs - nowMs);
    }
    const probe: Lease = {
      granted: true,
      deadlineMs: nowMs + this.#probeLeaseMs,
      succeed: (atMs) => {
        if (this.#returns(period, probe, atMs)) this.#probeSucceeded(period, atMs);
      },
      fail: (atMs) => {
        if (this.#returns(period, probe, atMs)) this.#open(Math.min(period.openMs * 2, this.#openMaxMs), atMs);
      },
      release: (atMs) => void this.#returns(period, probe, atMs),
    };
    period.out.add(probe);
    return probe;
  }

  /** Gives the lease back. False: it had ended before. */
  #returns(period: HalfOpen, probe: Lease, nowMs: number): boolean {
    return this.#period === period && period.out.delete(probe) && nowMs < probe.deadlineMs;
  }

  #probeSucceeded(period: HalfOpen, nowMs: number): void {
    period.succeeded += 1;
    if (period.succeeded === this.#probes) this.#change(this.#closed(), nowMs);
  }

  #closed(): Closed {
    const window = new OutcomeWindow(this.#windowMs, this.#buckets);
    const lease: Lease = {
      granted: true,
      deadlineMs: Infinity,
      succeed: (nowMs) => window.succeeded(nowMs),
      fail: (nowMs) => {
        window.failed(nowMs);
        if (this.#period === period) this.#judge(window, nowMs);
      },
      release: () => undefined,
    };
    const period: Closed = { kind: 'closed', window, lease };
    return period;
  }

  #judge(window: OutcomeWindow, nowMs: number): void {
    const calls = window.calls(nowMs);
    if (calls < this.#callsMin || window.failures(nowMs) < calls * this.#failingShare) return;
    this.#open(this.#openMinMs, nowMs);
  }

  #open(openMs: number, nowMs: number): void {
    this.#change({ kind: 'open', openMs, sinceMs: nowMs, untilMs: nowMs + openMs }, nowMs);
  }

  #change(period: Closed | Open | HalfOpen, atMs: number): void {
    const from = this.#period.kind;
    this.#period = period;
    this.#onChange?.({ from, to: describe(period, atMs), atMs });
  }
}

function describe(period: Closed | Open | HalfOpen, nowMs: number): BreakerState {
  switch (period.kind) {
    case 'closed':
      return { kind: 'closed', calls: period.window.calls(nowMs), failures: period.window.failures(nowMs) };
    case 'open':
      return { kind: 'open', untilMs: period.untilMs, openMs: period.openMs };
    case 'halfOpen':
      return { kind: 'halfOpen', out: probesOut(period, nowMs), succeeded: period.succeeded };
  }
}

function probesOut({ out }: HalfOpen, nowMs: number): number {
  let count = 0;
  for (const { deadlineMs } of out) if (nowMs < deadlineMs) count += 1;
  return count;
}
