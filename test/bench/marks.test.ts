import test from 'ava';
import { judgeMarks, MARK_CASE, MARK_CLUSTER, type Judged } from '../../bench/marks.js';

function result(changes: Partial<Judged>): Judged {
  return { workload: 'get-one', ...MARK_CASE, ratio: 1, measure: { errors: {} }, ...changes };
}

function verdictOn(results: readonly Judged[], shape = MARK_CLUSTER as Parameters<typeof judgeMarks>[1]): string {
  return judgeMarks(results, shape).find(({ workload }) => workload === 'get-one')!.verdict;
}

test('a mark is passed from its share of the echo ceiling on', (t) => {
  t.is(verdictOn([result({ ratio: 0.6 })]), 'pass');
  t.is(verdictOn([result({ ratio: 0.5999 })]), 'miss');
});

test('each workload is judged by its own mark', (t) => {
  const results = (['get-one', 'get-quorum', 'put-quorum'] as const).map((workload) =>
    result({ workload, ratio: 0.2 }),
  );
  t.deepEqual(
    judgeMarks(results, MARK_CLUSTER).map(({ verdict }) => verdict),
    ['miss', 'miss', 'pass'],
  );
});

test('a workload with errors, or without an echo to compare it to, misses its mark', (t) => {
  t.is(verdictOn([result({ measure: { errors: { TIMEOUT: 1 } } })]), 'miss');
  t.is(verdictOn([result({ ratio: null })]), 'miss');
});

test('marks are not judged by other cases or on other clusters', (t) => {
  t.is(verdictOn([]), 'not measured');
  for (const other of [{ valueBytes: 16 }, { concurrency: 64 }, { distribution: 'zipfian' }] as const) {
    t.is(verdictOn([result(other)]), 'not measured');
  }
  for (const other of [{ nodes: 1 }, { replicas: 1 }, { policy: 'PC/EL' }]) {
    t.is(verdictOn([result({})], { ...MARK_CLUSTER, ...other }), 'not measured');
  }
});
