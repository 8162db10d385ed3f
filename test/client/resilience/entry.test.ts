import test from 'ava';
import * as resilience from '../../../src/client/resilience/index.js';
import { FulcrumError } from '../../../src/core/errors.js';

test('the entry names every pattern, and nothing else', (t) => {
  t.deepEqual(Object.keys(resilience).sort(), [
    'CircuitBreaker',
    'HedgeDelay',
    'LatencyDigest',
    'LoadScore',
    'PowerOfTwo',
    'RetryBudget',
    'RoundRobin',
    'Throttle',
    'TokenBucket',
    'pauseBefore',
  ]);
});

test('a pause is anywhere up to a bound that doubles from 50 ms to 1 s, from when the node asks for', (t) => {
  const details = { code: 'OVERLOADED', message: 'busy', definite: true, retryable: true } as const;
  const busy = new FulcrumError(details);
  const bounds = [2, 3, 4, 5, 6, 7, 8].map((tries) => resilience.pauseBefore(tries, busy, 1));
  t.deepEqual(bounds, [50, 100, 200, 400, 800, 1_000, 1_000]);
  t.is(resilience.pauseBefore(4, busy, 0.25), 50);
  t.is(resilience.pauseBefore(2, busy, 0), 0);
  t.is(resilience.pauseBefore(2, new FulcrumError({ ...details, retryAfterMs: 300 }), 0.5), 325);
});
