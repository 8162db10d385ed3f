import test from 'ava';
import { pairOperations } from '../../chaos/checkers/operation.js';
import type { HistoryEvent } from '../../chaos/history.js';
import { readAges } from '../../chaos/staleness.js';

const receipt = { guarantee: 'eventual' } as const;

function operation(
  process: string,
  from: number,
  to: number,
  kind: 'get' | 'put',
  value: string | null,
): HistoryEvent[] {
  const head = { process, key: 'k', kind } as const;
  const written = kind === 'put' ? { value } : {};
  const read = kind === 'get' ? { value } : {};
  return [
    { type: 'invoke', time: from, ...head, ...written },
    { type: 'ok', time: to, ...head, ...read, receipt },
  ];
}

const ages = (...events: readonly HistoryEvent[][]): number[] =>
  readAges(pairOperations(events.flat())).map(({ staleMs }) => staleMs);

test('a read is as stale as the first newer write that was acknowledged before it', (t) => {
  const writes = [
    operation('w', 0, 10, 'put', 'a'),
    operation('w', 20, 30, 'put', 'b'),
    operation('w', 40, 50, 'put', 'c'),
  ];
  t.deepEqual(ages(...writes, operation('r', 100, 101, 'get', 'c')), [0]);
  t.deepEqual(ages(...writes, operation('r', 100, 101, 'get', 'b')), [50]);
  t.deepEqual(ages(...writes, operation('r', 100, 101, 'get', 'a')), [70]);
  t.deepEqual(ages(...writes, operation('r', 100, 101, 'get', null)), [90]);
});

test('writes that overlap are no witness of staleness, nor is one that was not acknowledged before the read began', (t) => {
  const first = operation('w', 0, 30, 'put', 'a');
  t.deepEqual(ages(first, operation('v', 20, 40, 'put', 'b'), operation('r', 100, 101, 'get', 'a')), [0]);
  t.deepEqual(ages(first, operation('v', 50, 150, 'put', 'b'), operation('r', 100, 160, 'get', 'a')), [0]);
  const unanswered = operation('v', 50, 60, 'put', 'b').slice(0, 1);
  t.deepEqual(ages(first, unanswered, operation('r', 100, 101, 'get', 'a')), [0]);
});

test('a value that may still be on its way, or that nobody wrote, makes no read stale', (t) => {
  const unknown = operation('w', 0, 10, 'put', 'a').slice(0, 1);
  t.deepEqual(ages(unknown, operation('v', 20, 30, 'put', 'b'), operation('r', 100, 101, 'get', 'a')), [0]);
  t.deepEqual(ages(operation('v', 20, 30, 'put', 'b'), operation('r', 100, 101, 'get', 'z')), []);
});
