/**
 * The resilience patterns of the SDK, each usable on its own: `import { CircuitBreaker } from 'fulcrum-kv/resilience'`.
 *
 * None of them reads a clock or draws a number by itself. Times are milliseconds of a monotonic clock
 * (`performance.now()`, never `Date.now()`), passed to each call; a random source is `{ unit: Math.random }`, or a
 * seeded one in tests. What does not make sense is refused with a FulcrumError, INVALID_ARGUMENT.
 *
 * - `CircuitBreaker` keeps calls away from a node that fails most of them.
 *
 *       const leave = breaker.tryAcquire(nowMs);
 *       if (leave.granted) leave.succeed(laterMs);
 *
 * - `TokenBucket` is a rate with a burst; `Throttle` lets callers wait for one, in order.
 *
 *       const taken = bucket.tryTake(1, nowMs);
 *       await throttle.take({ cost: 3, timeoutMs: 200 });
 *
 * - `RetryBudget` bounds what retries and hedges add; `pauseBefore` is how long a retry waits (full jitter).
 *
 *       if (error.retryable && budget.tryRetry(underWay)) await sleep(pauseBefore(2, error, Math.random()));
 *
 * - `HedgeDelay` tells when to ask a second node: the p99 of a `LatencyDigest`.
 *
 *       const delayMs = hedge.delayMs(0, nowMs);
 *
 * - `PowerOfTwo` and `RoundRobin` pick a node; `LoadScore` tells how busy each is.
 *
 *       const node = new PowerOfTwo({ unit: Math.random }).pick(nodes, nowMs);
 */
export { CircuitBreaker } from './circuit-breaker.js';
export type { BreakerChange, BreakerState, CircuitBreakerOptions, Lease } from './circuit-breaker.js';
export { TokenBucket } from '../../core/token-bucket.js';
export type { TokenBucketOptions } from '../../core/token-bucket.js';
export type { Grant, Refusal } from '../../core/grant.js';
export { Throttle } from './throttle.js';
export type { TakeOptions, ThrottleClock, ThrottleOptions } from './throttle.js';
export { RetryBudget } from './retry-budget.js';
export type { RetryBudgetOptions, RetryCause } from './retry-budget.js';
/** How long to pause before a try: anywhere up to 50 ms that doubles to 1 s, and not before the node asks for. */
export { pauseBefore } from '../failures.js';
export { HedgeDelay } from './hedge-delay.js';
export type { HedgeDelayOptions } from './hedge-delay.js';
export { LatencyDigest } from './latency-digest.js';
export type { LatencyDigestOptions } from './latency-digest.js';
export { PowerOfTwo, RoundRobin } from './picker.js';
export type { Picker, Scored } from './picker.js';
export { LoadScore } from './load-score.js';
export type { LoadScoreOptions } from './load-score.js';
