/** Gets and puts of several keys under one timeout. */
import { isList } from './arguments.js';
import { runBatch, type Entry } from './batch.js';
import type { Waiter } from './calls.js';
import type { Dispatch } from './dispatch.js';
import { refuse, type CallOptions, type GetOptions, type PutManyOptions } from './options.js';
import type { GetResult, MutateResult } from './results.js';
import { ANYTHING, checkTtl } from './writes.js';

export function getMany(dispatch: Dispatch, keys: readonly string[], options: GetOptions): Promise<Entry<GetResult>[]> {
  if (!isList(keys)) refuse('getMany takes an array of keys');
  const deadlineMs = checked(dispatch, options);
  return runBatch(keys, (index, waiter: Waiter<GetResult>) => {
    dispatch.get(keys[index]!, options, deadlineMs, waiter);
  });
}

export interface PutEntry {
  readonly key: string;
  readonly value: unknown;
}

export function putMany(
  dispatch: Dispatch,
  entries: readonly PutEntry[],
  options: PutManyOptions,
): Promise<Entry<MutateResult>[]> {
  if (!isList(entries)) refuse('putMany takes an array of { key, value }');
  if ('opId' in options) refuse('an opId names one write: putMany takes none, give each put its own');
  checkTtl(options.ttlMs);
  const deadlineMs = checked(dispatch, options);
  const keys = (entries as readonly (PutEntry | null)[]).map((entry) => entry?.key ?? '');
  return runBatch(keys, (index, waiter: Waiter<MutateResult>) => {
    const entry: unknown = entries[index];
    if (typeof entry !== 'object' || entry === null) refuse('an entry of putMany is { key, value }');
    const { key, value } = entries[index]!;
    dispatch.put(key, value, ANYTHING, options, deadlineMs, waiter);
  });
}

/** Options that are wrong for every entry are the whole batch's error. */
function checked(dispatch: Dispatch, options: CallOptions): number {
  dispatch.level(options);
  return dispatch.deadline(options);
}
