import test from 'ava';
import fc from 'fast-check';
import { LoadScore } from '../../../src/client/resilience/load-score.js';

function heard(latencyMs: number, nowMs: number): LoadScore {
  const load = new LoadScore();
  load.started();
  load.answered(latencyMs, nowMs);
  return load;
}

test('a node that was never asked comes first, and last once it was asked and has not answered', (t) => {
  const load = new LoadScore();
  t.is(load.score(0), 0);
  load.started();
  const busy = heard(60_000, 0);
  for (let request = 0; request < 1_000; request += 1) busy.started();
  t.true(load.score(0) > busy.score(0));
  load.abandoned();
  t.is(load.score(0), 0);
});

test('the score grows with what is in flight', (t) => {
  const load = heard(10, 0);
  t.is(load.score(0), 10);
  load.started();
  t.is(load.score(0), 20);
  load.started();
  t.is(load.score(0), 30);
  t.is(load.inFlight, 2);
});

test('a peak counts at once, and is forgotten to 37 % in ten seconds', (t) => {
  const load = heard(1, 0);
  load.started();
  load.answered(100, 0);
  t.is(load.score(0), 100);
  load.started();
  load.answered(0, 10_000);
  t.true(Math.abs(load.score(10_000) - 100 / Math.E) < 0.01, `${load.score(10_000)}`);
});

test('a quick answer right after a peak says little', (t) => {
  const load = heard(100, 0);
  load.started();
  load.answered(1, 10);
  t.true(load.score(10) > 99);
});

test('a node left alone is forgiven until it is asked again', (t) => {
  const load = heard(1_000, 0);
  t.true(load.score(60_000) < 3);
  load.started();
  t.is(load.score(60_000), 2_000);
  load.answered(2, 60_002);
  t.true(load.score(60_002) < 5);
});

test('a clock that goes back forgets nothing', (t) => {
  const load = heard(50, 10_000);
  t.is(load.score(0), 50);
  load.started();
  load.answered(1, 0);
  t.is(load.score(10_000), 50);
});

test('a latency of nothing does not make requests free', (t) => {
  const load = heard(0, 0);
  load.started();
  t.true(load.score(0) > 0);
});

test('an end without a start is an error', (t) => {
  t.throws(() => new LoadScore().abandoned(), { message: /never started/ });
  t.throws(() => heard(1, 0).answered(1, 0), { message: /never started/ });
});

test('the estimate stays between the least and the largest latency', (t) => {
  const anyAnswer = fc.record({ latencyMs: fc.integer({ min: 1, max: 1_000 }), passMs: fc.nat(20_000) });
  fc.assert(
    fc.property(fc.array(anyAnswer, { minLength: 1, maxLength: 50 }), (answers) => {
      const load = new LoadScore();
      let nowMs = 0;
      for (const { latencyMs, passMs } of answers) {
        nowMs += passMs;
        load.started();
        load.answered(latencyMs, nowMs);
        t.true(load.score(nowMs) >= latencyMs, 'never below the latest');
      }
      const latencies = answers.map(({ latencyMs }) => latencyMs);
      t.true(load.score(nowMs) <= Math.max(...latencies) && load.score(nowMs) >= Math.min(...latencies));
    }),
  );
});
