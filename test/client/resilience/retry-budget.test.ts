import test from 'ava';
import fc from 'fast-check';
import { RetryBudget, type RetryBudgetOptions } from '../../../src/client/resilience/retry-budget.js';

/** How many extra attempts in a row it lets through, none of which ends. */
function extras(budget: RetryBudget, underWay: number): number {
  let count = 0;
  while (budget.tryRetry(underWay)) count += 1;
  return count;
}

/** Retries in a row, each of which ends before the next. */
function retries(budget: RetryBudget, cause: 'failure' | 'timeout'): number {
  let count = 0;
  for (; budget.tryRetry(1_000, cause); count += 1) budget.ended();
  return count;
}

test('a full bucket pays for a hundred retries after failures, or fifty after timeouts', (t) => {
  t.is(retries(new RetryBudget(), 'failure'), 100);
  t.is(retries(new RetryBudget(), 'timeout'), 50);
});

test('five successes pay for one more retry, and the bucket never holds more than it did at first', (t) => {
  const budget = new RetryBudget();
  for (let success = 0; success < 50; success += 1) budget.succeeded();
  t.is(budget.tokens, 500);
  retries(budget, 'failure');
  for (let success = 0; success < 4; success += 1) budget.succeeded();
  t.false(budget.tryRetry(1_000));
  budget.succeeded();
  t.true(budget.tryRetry(1_000));
});

test('hedges are paid from the same bucket', (t) => {
  const budget = new RetryBudget({ tokens: 11 });
  t.true(budget.tryHedge(1_000));
  t.true(budget.tryRetry(1_000));
  t.false(budget.tryHedge(1_000));
  t.is(budget.tokens, 1);
});

for (const [underWay, most] of [
  [0, 3],
  [1, 3],
  [15, 3],
  [19, 3],
  [20, 4],
  [24, 4],
  [400, 80],
] as const) {
  test(`of ${underWay} calls under way, ${most} extra attempts at once`, (t) => {
    const budget = new RetryBudget();
    t.is(extras(budget, underWay), most);
    t.is(budget.extra, most);
    budget.ended(2);
    t.is(extras(budget, underWay), 2);
  });
}

test('a refusal takes no token', (t) => {
  const budget = new RetryBudget();
  extras(budget, 0);
  for (let time = 0; time < 10; time += 1) t.false(budget.tryRetry(0));
  t.is(budget.tokens, 485);
});

test('ending what never began is an error, not a place too many', (t) => {
  const budget = new RetryBudget();
  budget.tryRetry(10);
  t.throws(() => budget.ended(2), { message: /2 extra attempts ended, but only 1/ });
  t.is(budget.extra, 1);
});

test('settings that make no sense are refused', (t) => {
  const refused: RetryBudgetOptions[] = [{ tokens: -1 }, { cost: NaN }, { share: 1.5 }, { least: 0.5 }];
  for (const options of refused) t.throws(() => new RetryBudget(options), { code: 'INVALID_ARGUMENT' });
});

const anyStep = fc.oneof(
  fc.record({ kind: fc.constantFrom('failure', 'timeout', 'hedge'), underWay: fc.nat(100) }),
  fc.record({ kind: fc.constantFrom('success', 'ended') }),
);

test('it never spends more than it was given, nor exceeds the share of what is under way', (t) => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => {
      const budget = new RetryBudget({ tokens: 60 });
      let spent = 0;
      let refunded = 0;
      for (const step of steps) {
        if (step.kind === 'ended') {
          if (budget.extra > 0) budget.ended();
        } else if (step.kind === 'success') {
          budget.succeeded();
          refunded += 1;
        } else if ('underWay' in step) {
          const { kind, underWay } = step;
          const isTaken = kind === 'hedge' ? budget.tryHedge(underWay) : budget.tryRetry(underWay, kind);
          if (isTaken) {
            spent += kind === 'timeout' ? 10 : 5;
            t.true(budget.extra <= Math.max(3, underWay * 0.2));
          }
        }
        t.true(spent <= 60 + refunded);
        t.true(budget.tokens >= 0 && budget.tokens <= 60);
      }
    }),
  );
});
