import test from 'ava';
import { NO_BALLOT } from '../../src/core/ballot.js';
import { RequestLog } from '../../src/node/request-log.js';
import { NO_VERSION } from '../../src/core/version.js';
import { ReceiptShapes } from '../../src/core/receipt.js';
import type { Reply } from '../../src/core/request.js';
import { timeout } from '../../src/node/refusals.js';
import { LATENCY_BOUNDS_SECONDS } from '../../src/node/stats.js';

const shapes = new ReceiptShapes('PA/EL', 'n1');

function served(degraded: boolean): Reply {
  const receipt = shapes.of(['n1', 'n2', 'n3'], {
    operation: 'get',
    level: degraded ? 'QUORUM' : 'ONE',
    guarantee: 'eventual',
    required: degraded ? 2 : 1,
    answered: 1,
    unreachable: 0,
    durableCopies: 1,
    rounds: 0,
    degraded,
  });
  return {
    kind: 'value',
    value: null,
    encoding: 'bytes',
    version: NO_VERSION,
    accepted: NO_BALLOT,
    receipt,
    serverMicros: 1,
  };
}

const ok = served(false);

test('requests are counted by operation, level and outcome', (t) => {
  const log = new RequestLog();
  log.add('get', 'ONE', ok, 0.001);
  log.add('get', 'ONE', ok, 0.002);
  log.add('get', 'QUORUM', ok, 0.001);
  log.add('put', 'ONE', ok, 0.001);
  log.add('get', 'ONE', timeout('too late'), 1);
  log.add('get', 'ONE', ok, 0.001);
  t.deepEqual(
    log.stats().map(({ operation, level, outcome, count }) => [operation, level, outcome, count]),
    [
      ['get', 'ONE', 'ok', 3],
      ['get', 'QUORUM', 'ok', 1],
      ['put', 'ONE', 'ok', 1],
      ['get', 'ONE', 'TIMEOUT', 1],
    ],
  );
});

test('a latency falls into the first bucket that holds it, the last one holds the rest', (t) => {
  const log = new RequestLog();
  const [first, second] = LATENCY_BOUNDS_SECONDS;
  for (const seconds of [0, first, first + 1e-9, second, 1_000]) log.add('get', 'ONE', ok, seconds);
  const [stats] = log.stats();
  const buckets = [2, 2, ...LATENCY_BOUNDS_SECONDS.slice(2).map(() => 0), 1];
  t.deepEqual([...(stats?.buckets ?? [])], buckets);
  t.is(stats?.secondsSum, first + (first + 1e-9) + second + 1_000);
});

test('requests that were served although their level could not be met are counted apart', (t) => {
  const log = new RequestLog();
  log.add('get', 'QUORUM', served(true), 0.001);
  log.add('get', 'QUORUM', ok, 0.001);
  log.add('get', 'QUORUM', timeout('too late'), 1);
  t.deepEqual(log.degraded(), [{ operation: 'get', level: 'QUORUM', count: 1 }]);
});
