import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import {
  CircuitBreaker,
  type BreakerChange,
  type CircuitBreakerOptions,
  type Lease,
} from '../../../src/client/resilience/circuit-breaker.js';
import { FulcrumError } from '../../../src/core/errors.js';

interface Watched {
  readonly breaker: CircuitBreaker;
  readonly changes: BreakerChange[];
}

function watched(options: CircuitBreakerOptions = {}): Watched {
  const changes: BreakerChange[] = [];
  return { breaker: new CircuitBreaker({ ...options, onChange: (change) => changes.push(change) }), changes };
}

function acquire(t: ExecutionContext, breaker: CircuitBreaker, nowMs: number): Lease {
  const leave = breaker.tryAcquire(nowMs);
  if (leave.granted) return leave;
  throw new Error(`${t.title}: refused for ${leave.retryAfterMs} ms`);
}

function refusedFor(breaker: CircuitBreaker, nowMs: number): number | undefined {
  const leave = breaker.tryAcquire(nowMs);
  return leave.granted ? undefined : leave.retryAfterMs;
}

function report(t: ExecutionContext, breaker: CircuitBreaker, outcomes: string, nowMs: number): void {
  for (const outcome of outcomes) {
    const leave = acquire(t, breaker, nowMs);
    if (outcome === 'x') leave.fail(nowMs);
    else leave.succeed(nowMs);
  }
}

/** Opened at `nowMs`, for 5 s. */
function opened(t: ExecutionContext, nowMs: number, options: CircuitBreakerOptions = {}): Watched {
  const made = watched(options);
  report(t, made.breaker, 'x'.repeat(20), nowMs);
  return made;
}

const outcomes: [string, 'closed' | 'open'][] = [
  ['x'.repeat(19), 'closed'],
  ['x'.repeat(20), 'open'],
  ['.'.repeat(10) + 'x'.repeat(9), 'closed'],
  ['.'.repeat(10) + 'x'.repeat(10), 'open'],
  ['.'.repeat(11) + 'x'.repeat(10), 'closed'],
  ['.'.repeat(100) + 'x'.repeat(99), 'closed'],
  ['.'.repeat(100) + 'x'.repeat(100), 'open'],
  ['x'.repeat(19) + '.', 'closed'],
  ['x'.repeat(19) + '.x', 'open'],
];
for (const [calls, kind] of outcomes) {
  test(`after ${calls} it is ${kind}`, (t) => {
    const { breaker } = watched();
    report(t, breaker, calls, 1_000);
    t.is(breaker.stateAt(1_000).kind, kind);
  });
}

test('failures that have left the window do not open it', (t) => {
  const { breaker } = watched();
  report(t, breaker, 'x'.repeat(19), 0);
  t.deepEqual(breaker.stateAt(9_999), { kind: 'closed', calls: 19, failures: 19 });
  t.deepEqual(breaker.stateAt(10_000), { kind: 'closed', calls: 0, failures: 0 });
  report(t, breaker, 'x', 10_000);
  t.is(breaker.stateAt(10_000).kind, 'closed');
});

test('the window forgets a bucket at a time', (t) => {
  const { breaker } = watched();
  for (let second = 0; second < 10; second += 1) report(t, breaker, '..x', second * 1_000 + 500);
  for (let second = 10; second < 20; second += 1) {
    const left = 19 - second;
    t.deepEqual(breaker.stateAt(second * 1_000), { kind: 'closed', calls: 3 * left, failures: left });
  }
});

test('while it is closed every call shares one lease', (t) => {
  const { breaker } = watched();
  const leave = breaker.tryAcquire(0);
  report(t, breaker, '.x'.repeat(5), 0);
  t.is(breaker.tryAcquire(5_000), leave);
});

test('a call that is released counts as neither', (t) => {
  const { breaker } = watched();
  for (let call = 0; call < 100; call += 1) acquire(t, breaker, 0).release(0);
  t.deepEqual(breaker.stateAt(0), { kind: 'closed', calls: 0, failures: 0 });
});

test('while it is open it refuses every call and says for how long', (t) => {
  const { breaker } = opened(t, 1_000);
  t.is(refusedFor(breaker, 1_000), 5_000);
  t.is(refusedFor(breaker, 5_999), 1);
  t.false(breaker.isAvailable(5_999));
  t.true(breaker.isAvailable(6_000));
  t.is(breaker.stateAt(6_000).kind, 'open', 'asking whether it is available changes nothing');
});

test('half-open it lets three calls through and refuses the rest at once', (t) => {
  const { breaker } = opened(t, 0);
  for (let probe = 0; probe < 3; probe += 1) {
    t.true(breaker.isAvailable(5_000));
    acquire(t, breaker, 5_000 + probe * 100);
  }
  t.false(breaker.isAvailable(5_200));
  t.is(refusedFor(breaker, 5_200), 1_800, 'until the first lease ends');
  t.deepEqual(breaker.stateAt(5_200), { kind: 'halfOpen', out: 3, succeeded: 0 });
});

test('probes that have succeeded count towards the three', (t) => {
  const { breaker } = opened(t, 0);
  report(t, breaker, '.', 5_000);
  acquire(t, breaker, 5_000);
  acquire(t, breaker, 5_000);
  t.false(breaker.isAvailable(5_000));
  t.is(refusedFor(breaker, 5_000), 2_000);
});

test('it closes once all probes have succeeded, and remembers nothing', (t) => {
  const { breaker, changes } = opened(t, 0);
  report(t, breaker, '..', 5_000);
  t.deepEqual(breaker.stateAt(5_000), { kind: 'halfOpen', out: 0, succeeded: 2 });
  report(t, breaker, '.', 5_001);
  t.deepEqual(breaker.stateAt(5_001), { kind: 'closed', calls: 0, failures: 0 });
  t.deepEqual(changes, [
    { from: 'closed', to: { kind: 'open', untilMs: 5_000, openMs: 5_000 }, atMs: 0 },
    { from: 'open', to: { kind: 'halfOpen', out: 0, succeeded: 0 }, atMs: 5_000 },
    { from: 'halfOpen', to: { kind: 'closed', calls: 0, failures: 0 }, atMs: 5_001 },
  ]);
});

test('each time a probe fails it stays open for twice as long, up to the most', (t) => {
  const { breaker, changes } = opened(t, 0);
  let nowMs = 0;
  for (const openMs of [5_000, 10_000, 20_000, 30_000, 30_000]) {
    t.is(refusedFor(breaker, nowMs), openMs);
    nowMs += openMs;
    report(t, breaker, '.x', nowMs);
  }
  t.deepEqual(
    changes.flatMap(({ to }) => (to.kind === 'open' ? [to.openMs] : [])),
    [5_000, 10_000, 20_000, 30_000, 30_000, 30_000],
  );
});

test('once it has closed, the next time begins with the shortest pause again', (t) => {
  const { breaker } = opened(t, 0);
  report(t, breaker, 'x', 5_000);
  report(t, breaker, '...', 15_000);
  report(t, breaker, 'x'.repeat(20), 15_000);
  t.is(refusedFor(breaker, 15_000), 5_000);
});

test('a probe that nobody reports makes room for another when its lease ends', (t) => {
  const { breaker } = opened(t, 0);
  for (let probe = 0; probe < 3; probe += 1) t.is(acquire(t, breaker, 5_000).deadlineMs, 7_000);
  t.is(refusedFor(breaker, 6_999), 1);
  t.true(breaker.isAvailable(7_000));
  report(t, breaker, '...', 7_000);
  t.is(breaker.stateAt(7_000).kind, 'closed');
});

test('a probe that was aborted makes room at once', (t) => {
  const { breaker } = opened(t, 0);
  const probes = [1, 2, 3].map(() => acquire(t, breaker, 5_000));
  probes[1]!.release(5_010);
  t.true(breaker.tryAcquire(5_010).granted);
  t.false(breaker.tryAcquire(5_010).granted);
});

test('a probe is reported once: a second report changes nothing', (t) => {
  const { breaker } = opened(t, 0);
  const probe = acquire(t, breaker, 5_000);
  for (let time = 0; time < 5; time += 1) probe.succeed(5_000);
  probe.fail(5_000);
  t.deepEqual(breaker.stateAt(5_000), { kind: 'halfOpen', out: 0, succeeded: 1 });
});

test('a probe that is reported after its lease has ended changes nothing', (t) => {
  const { breaker } = opened(t, 0);
  const probes = [1, 2, 3].map(() => acquire(t, breaker, 5_000));
  probes[0]!.fail(7_000);
  probes[1]!.succeed(7_000);
  t.deepEqual(breaker.stateAt(7_000), { kind: 'halfOpen', out: 0, succeeded: 0 });
});

test('reports of calls that began in an earlier period are ignored', (t) => {
  const { breaker } = watched();
  const early = acquire(t, breaker, 0);
  report(t, breaker, 'x'.repeat(20), 0);
  early.succeed(1);
  early.fail(1);
  t.deepEqual(breaker.stateAt(1), { kind: 'open', untilMs: 5_000, openMs: 5_000 });
  const probes = [1, 2].map(() => acquire(t, breaker, 5_000));
  early.fail(5_000);
  t.deepEqual(breaker.stateAt(5_000), { kind: 'halfOpen', out: 2, succeeded: 0 });
  acquire(t, breaker, 5_000).fail(5_000);
  probes[0]!.succeed(5_001);
  probes[1]!.fail(5_001);
  t.deepEqual(breaker.stateAt(5_001), { kind: 'open', untilMs: 15_000, openMs: 10_000 });
  report(t, breaker, '...', 15_000);
  for (let time = 0; time < 30; time += 1) early.fail(15_000);
  t.deepEqual(breaker.stateAt(15_000), { kind: 'closed', calls: 0, failures: 0 });
});

const refused: [CircuitBreakerOptions, RegExp][] = [
  [{ windowMs: 0 }, /windowMs must be a number above 0, not 0/],
  [{ buckets: 1.5 }, /buckets must be a whole number at least 1/],
  [{ callsMin: 0 }, /callsMin/],
  [{ failingShare: 1.1 }, /failingShare must be a number above 0 and at most 1/],
  [{ openMinMs: -1 }, /openMinMs/],
  [{ openMinMs: 10_000, openMaxMs: 5_000 }, /openMaxMs must be a number at least 10000/],
  [{ probes: Infinity }, /probes/],
  [{ probeLeaseMs: NaN }, /probeLeaseMs/],
];
for (const [options, message] of refused) {
  test(`it refuses ${message.source}`, (t) => {
    const error = t.throws(() => new CircuitBreaker(options), { instanceOf: FulcrumError, message });
    t.is(error.code, 'INVALID_ARGUMENT');
  });
}

type Step = { readonly passMs: number } | { readonly report: 'succeed' | 'fail' | 'release'; readonly which: number };

const anyStep: fc.Arbitrary<Step | 'acquire'> = fc.oneof(
  { weight: 4, arbitrary: fc.constant('acquire' as const) },
  {
    weight: 4,
    arbitrary: fc.record({ report: fc.constantFrom('succeed', 'fail', 'release'), which: fc.nat(30) }),
  },
  { weight: 2, arbitrary: fc.record({ passMs: fc.constantFrom(0, 1, 400, 999, 1_000, 2_000, 5_000, 10_000) }) },
);

test('whatever happens, probes never exceed their number and no call waits for nothing', (t) => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 120 }), (steps) => {
      const { breaker } = watched({ callsMin: 3 });
      let nowMs = 0;
      let held: Lease[] = [];
      for (const step of steps) {
        if (step === 'acquire') {
          const wasAvailable = breaker.isAvailable(nowMs);
          const leave = breaker.tryAcquire(nowMs);
          t.is(leave.granted, wasAvailable);
          if (leave.granted) held.push(leave);
          else t.true(breaker.isAvailable(nowMs + leave.retryAfterMs));
        } else if ('passMs' in step) {
          nowMs += step.passMs;
        } else if (held.length > 0) {
          const lease = held[step.which % held.length]!;
          held = held.filter((other) => other !== lease);
          lease[step.report](nowMs);
        }
        const state = breaker.stateAt(nowMs);
        if (state.kind === 'halfOpen') t.true(state.out + state.succeeded <= 3);
        if (state.kind === 'open') t.true(state.openMs <= 30_000 && state.untilMs <= nowMs + state.openMs);
      }
    }),
  );
});

const anyReport = fc.record({ failed: fc.boolean(), passMs: fc.constantFrom(0, 0, 10, 700, 1_000, 2_500, 9_000) });

test('it opens exactly when a failure makes the calls of the last ten slices bad enough', (t) => {
  fc.assert(
    fc.property(fc.array(anyReport, { minLength: 1, maxLength: 80 }), (reports) => {
      const { breaker } = watched({ callsMin: 5 });
      const calls: { slice: number; failed: boolean }[] = [];
      let nowMs = 0;
      for (const { failed, passMs } of reports) {
        nowMs += passMs;
        const slice = Math.floor(nowMs / 1_000);
        report(t, breaker, failed ? 'x' : '.', nowMs);
        calls.push({ slice, failed });
        const recent = calls.filter((call) => call.slice > slice - 10);
        const failures = recent.filter((call) => call.failed).length;
        const mustOpen = failed && recent.length >= 5 && failures * 2 >= recent.length;
        t.is(breaker.stateAt(nowMs).kind, mustOpen ? 'open' : 'closed');
        if (mustOpen) return;
      }
    }),
  );
});
