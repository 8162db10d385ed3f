/** Short ways to write down a history: who, from when to when, what, and what came of it. All on key `k`. */
import type { HistoryEvent, HistoryKind } from '../../../chaos/history.js';
import { pairOperations, type Operation } from '../../../chaos/checkers/operation.js';
import type { Guarantee } from '../../../src/core/receipt.js';

export type Fields = Partial<HistoryEvent>;

/** Invoke and end; the end is left out where `end` is null. */
export function call(
  process: string,
  from: number,
  to: number,
  kind: HistoryKind,
  asked: Fields,
  end: Fields | null,
): HistoryEvent[] {
  const base = { process, key: asked.key ?? 'k', kind };
  const invoke: HistoryEvent = { ...base, type: 'invoke', time: from, ...asked };
  return end === null ? [invoke] : [invoke, { ...base, type: 'ok', time: to, ...end }];
}

export function vouched(guarantee: Guarantee, more: Fields = {}): Fields {
  return { receipt: { guarantee }, ...more };
}

export function put(
  process: string,
  from: number,
  to: number,
  value: string,
  version: string,
  more: Fields = {},
): HistoryEvent[] {
  return call(process, from, to, 'put', { value }, vouched('linearizable', { version, ...more }));
}

/** `version` undefined where the key never had a value. */
export function get(
  process: string,
  from: number,
  to: number,
  value: string | null,
  version?: string,
  more: Fields = {},
): HistoryEvent[] {
  const at = version === undefined ? {} : { version };
  return call(process, from, to, 'get', {}, vouched('linearizable', { value, ...at, ...more }));
}

export function cas(
  process: string,
  from: number,
  to: number,
  value: string,
  expect: string,
  version: string,
): HistoryEvent[] {
  return call(process, from, to, 'cas', { value, expect }, vouched('linearizable', { version }));
}

export function refused(
  process: string,
  from: number,
  to: number,
  value: string,
  expect: string,
  found?: string,
): HistoryEvent[] {
  const at = found === undefined ? {} : { version: found };
  return call(
    process,
    from,
    to,
    'cas',
    { value, expect },
    vouched('linearizable', { type: 'fail', code: 'CONDITION_FAILED', ...at }),
  );
}

export function del(process: string, from: number, to: number, version: string): HistoryEvent[] {
  return call(process, from, to, 'delete', {}, vouched('linearizable', { version }));
}

export function unknownPut(process: string, from: number, value: string): HistoryEvent[] {
  return call(process, from, from + 0.5, 'put', { value }, { type: 'unknown', code: 'TIMEOUT' });
}

export function weakPut(process: string, from: number, to: number, value: string, version: string): HistoryEvent[] {
  return call(process, from, to, 'put', { value }, vouched('eventual', { version }));
}

export function failedPut(process: string, from: number, to: number, value: string): HistoryEvent[] {
  return call(process, from, to, 'put', { value }, { type: 'fail', code: 'UNAVAILABLE' });
}

export function operationsOf(...calls: HistoryEvent[][]): Operation[] {
  return pairOperations(calls.flat());
}
