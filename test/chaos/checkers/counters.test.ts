import test from 'ava';
import { checkCounters } from '../../../chaos/checkers/counters.js';
import { pairOperations } from '../../../chaos/checkers/operation.js';
import type { EventType, HistoryEvent } from '../../../chaos/history.js';

function increment(time: number, end: EventType): HistoryEvent[] {
  const head = { process: `c${time}`, key: 'counter', kind: 'cas' } as const;
  return [
    { type: 'invoke', time, value: '(1)', expect: 'absent', ...head },
    { type: end, time: time + 1, ...head },
  ];
}

function last(value: string | null): HistoryEvent[] {
  const head = { process: 'r', key: 'counter', kind: 'get' } as const;
  return [
    { type: 'invoke', time: 100, final: true, ...head },
    { type: 'ok', time: 101, value, ...head },
  ];
}

const verdict = (...events: readonly HistoryEvent[][]): string =>
  checkCounters(pairOperations(events.flat()), (key) => key === 'counter').verdict;

test('a counter shows what was acknowledged, and perhaps what is unknown, and nothing else', (t) => {
  const increments = [increment(0, 'ok'), increment(2, 'ok'), increment(4, 'unknown'), increment(6, 'fail')];
  t.is(verdict(...increments, last('(2)')), 'valid');
  t.is(verdict(...increments, last('(3)')), 'valid');
  t.is(verdict(...increments, last('(1)')), 'invalid');
  t.is(verdict(...increments, last('(4)')), 'invalid');
  t.is(verdict(...increments, last(null)), 'invalid');
  t.is(verdict(increment(0, 'fail'), last(null)), 'valid');
});

test('other keys are none of its business', (t) => {
  const events = [...increment(0, 'ok'), ...last('text')].map((event) => ({ ...event, key: 'other' }));
  t.is(verdict(events), 'valid');
});
