import test from 'ava';
import { check } from '../../../chaos/check.js';
import type { HistoryEvent, HistoryKind } from '../../../chaos/history.js';
import { phasesOf } from '../../../chaos/pacelc/cells.js';
import { judgeCell, type Cell } from '../../../chaos/pacelc/judge-cell.js';
import { claimText, heldText, rowOf } from '../../../chaos/pacelc/tables.js';
import { LEVELS } from '../../../src/core/level.js';
import { POLICIES } from '../../../src/core/policy.js';
import type { Guarantee } from '../../../src/core/receipt.js';

interface Told {
  readonly by: string;
  readonly from: number;
  readonly to: number;
  readonly kind?: HistoryKind;
  readonly value: string | null;
  readonly guarantee?: Guarantee;
  readonly fails?: boolean;
  readonly final?: boolean;
}

function told({
  by,
  from,
  to,
  kind = 'put',
  value,
  guarantee = 'eventual',
  fails = false,
  final = false,
}: Told): HistoryEvent[] {
  const head = { process: by, key: 'k', kind } as const;
  const shown = kind === 'get' ? { value } : {};
  return [
    { type: 'invoke', time: from, ...head, ...(kind === 'put' ? { value } : {}), ...(final ? { final } : {}) },
    fails
      ? { type: 'fail', time: to, ...head, code: 'UNAVAILABLE' }
      : { type: 'ok', time: to, ...head, ...shown, receipt: { guarantee } },
  ];
}

function cells(condition: 'healthy' | 'partition', ...operations: readonly Told[]): Cell[] {
  const history = operations.flatMap(told);
  return judgeCell({ policy: 'PA/EL', level: 'ONE', condition }, history, check(history));
}

const last = (value: string | null): Told => ({
  by: 'final.reader',
  from: 900,
  to: 901,
  kind: 'get',
  value,
  final: true,
});

test('the matrix has every policy, level and state of the network once', (t) => {
  const phases = phasesOf();
  t.is(phases.length, POLICIES.length * LEVELS.length * 3);
  t.is(new Set(phases.map((phase) => Object.values(phase).join())).size, phases.length);
});

test('the sides of a partition are told apart, and n1 is the minority', (t) => {
  const [majority, minority] = cells(
    'partition',
    { by: 'n2.1', from: 0, to: 10, value: 'a' },
    { by: 'n3.1', from: 20, to: 40, value: 'b' },
    { by: 'n1.1', from: 20, to: 21, value: 'c', fails: true },
    { by: 'n1.1', from: 30, to: 32, value: 'd' },
    last('b'),
  );
  t.deepEqual([majority?.side, majority?.calls, majority?.availability], ['majority', 2, 1]);
  t.deepEqual([minority?.side, minority?.calls, minority?.availability], ['minority', 2, 0.5]);
  t.true(Math.abs(minority!.p50Ms! - 2) < 0.1);
});

test('a write of one side that the merge discarded is lost, and the one that stayed is not', (t) => {
  const [majority, minority] = cells(
    'partition',
    { by: 'n2.1', from: 0, to: 10, value: 'a' },
    { by: 'n1.1', from: 5, to: 12, value: 'b' },
    last('a'),
  );
  t.deepEqual([majority?.lostKeys, majority?.writtenKeys], [0, 1]);
  t.deepEqual([minority?.lostKeys, minority?.writtenKeys], [1, 1]);
});

test('a lost write is looked up in the conflict ledger', (t) => {
  const history = [
    { by: 'n2.1', from: 0, to: 10, value: 'a' },
    { by: 'n1.1', from: 5, to: 12, value: 'b' },
    last('a'),
  ].flatMap(told);
  const phase = { policy: 'PA/EL', level: 'ONE', condition: 'partition' } as const;
  const listed = (value: string) =>
    judgeCell(phase, history, check(history), (key, found) => key === 'k' && found === value)[1]?.listedKeys;
  t.is(listed('b'), 1);
  t.is(listed('a'), 0);
});

test('without a partition a write is lost only to one that had ended before', (t) => {
  const [first, second] = [
    { by: 'n1.1', from: 0, to: 10, value: 'a' },
    { by: 'n2.1', from: 20, to: 30, value: 'b' },
  ];
  t.is(cells('healthy', first, second, last('b'))[0]?.lostKeys, 0);
  t.is(cells('healthy', first, second, last('a'))[0]?.lostKeys, 1);
  t.is(cells('healthy', first, { ...second, from: 5 }, last('a'))[0]?.lostKeys, 0);
});

test('stale reads, what was claimed and what the answers looked like', (t) => {
  const writes: Told[] = [
    { by: 'n1.1', from: 0, to: 10, value: 'a' },
    { by: 'n2.1', from: 20, to: 30, value: 'b' },
  ];
  const [fresh] = cells('healthy', ...writes, { by: 'n3.1', from: 50, to: 51, kind: 'get', value: 'b' }, last('b'));
  const [stale] = cells('healthy', ...writes, { by: 'n3.1', from: 50, to: 51, kind: 'get', value: 'a' }, last('b'));
  t.deepEqual([fresh?.staleShare, fresh?.looksLinearizable], [0, true]);
  t.deepEqual([stale?.staleShare, stale?.staleMaxMs, stale?.looksLinearizable], [1, 20, false]);
  t.is(claimText(stale!), 'eventual');
  t.is(heldText(stale!), 'yes; was not linearizable');
  t.deepEqual(rowOf(stale!).slice(0, 3), ['PA/EL', 'ONE', 'healthy']);
});

test('a claim that a checker refutes is not held', (t) => {
  const [cell] = cells(
    'healthy',
    { by: 'n1.1', from: 0, to: 10, value: 'a', guarantee: 'linearizable' },
    { by: 'n2.1', from: 20, to: 30, value: 'b', guarantee: 'linearizable' },
    { by: 'n3.1', from: 50, to: 51, kind: 'get', value: 'a', guarantee: 'linearizable' },
    last('b'),
  );
  t.is(cell?.verdict, 'invalid');
  t.is(heldText(cell!), 'NO');
});

test('where nothing is answered there is nothing to claim', (t) => {
  const [cell] = cells('healthy', { by: 'n1.1', from: 0, to: 1, value: 'a', fails: true });
  t.deepEqual([cell?.p50Ms, cell?.staleShare, cell?.looksLinearizable], [null, null, null]);
  t.is(claimText(cell!), 'refused');
  t.is(heldText(cell!), 'yes');
});
