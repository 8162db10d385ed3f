/** Events paired into operations: what every checker works on. */
import { FulcrumError, invalidArgument } from '../../src/core/errors.js';
import type { HistoryEvent, HistoryKind, HistoryReceipt } from '../history.js';

export interface Operation {
  /** Its place among the operations of the history, by invocation. */
  readonly index: number;
  readonly process: string;
  readonly session: string | undefined;
  readonly key: string;
  readonly kind: HistoryKind;
  /** Places of its events in the order of all events; `end` is Infinity where there is none. */
  readonly start: number;
  readonly end: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: 'ok' | 'fail' | 'unknown';
  /** Written, or read; undefined where the history does not say. */
  readonly value: string | null | undefined;
  readonly expect: string | undefined;
  readonly expectValue: string | null | undefined;
  readonly op: string | undefined;
  readonly named: boolean;
  readonly version: string | undefined;
  readonly writer: string | undefined;
  readonly existed: boolean | undefined;
  readonly ttlMs: number;
  readonly final: boolean;
  readonly code: string | undefined;
  readonly receipt: HistoryReceipt | undefined;
}

/** Throws INVALID_ARGUMENT where an end has no invoke, or a process opens a second operation. */
export function pairOperations(events: readonly HistoryEvent[]): Operation[] {
  const ordered = events
    .map((event, line) => ({ event, line }))
    .sort((a, b) => a.event.time - b.event.time || a.line - b.line);
  const open = new Map<string, number>();
  const starts: { readonly invoke: HistoryEvent; readonly rank: number }[] = [];
  const operations: Operation[] = [];
  ordered.forEach(({ event, line }, rank) => {
    const index = open.get(event.process);
    const started = index === undefined ? undefined : starts[index];
    if (event.type === 'invoke') {
      if (started !== undefined) throw badEvent(line, event, 'this process has an operation open already');
      open.set(event.process, starts.length);
      operations.push(join(starts.length, event, rank, undefined, Infinity));
      starts.push({ invoke: event, rank });
      return;
    }
    if (started === undefined || index === undefined) throw badEvent(line, event, 'this process has no operation open');
    if (started.invoke.key !== event.key || started.invoke.kind !== event.kind) {
      throw badEvent(
        line,
        event,
        `the open operation is a ${started.invoke.kind} of ${JSON.stringify(started.invoke.key)}`,
      );
    }
    open.delete(event.process);
    operations[index] = join(index, started.invoke, started.rank, event, event.type === 'unknown' ? Infinity : rank);
  });
  return operations;
}

function badEvent(line: number, event: HistoryEvent, problem: string): FulcrumError {
  return new FulcrumError(
    invalidArgument(`event ${line + 1} (${event.type} ${event.kind} by ${event.process}): ${problem}`),
  );
}

function join(
  index: number,
  invoke: HistoryEvent,
  start: number,
  end: HistoryEvent | undefined,
  endRank: number,
): Operation {
  const both: HistoryEvent = end === undefined ? invoke : { ...invoke, ...end };
  const { process, session, key, kind, value, expect, expectValue, op, writer, existed, code, receipt } = both;
  return {
    index,
    process,
    session,
    key,
    kind,
    start,
    end: endRank,
    startMs: invoke.time,
    endMs: end?.time ?? Infinity,
    outcome: end === undefined || end.type === 'invoke' ? 'unknown' : end.type,
    value,
    expect,
    expectValue,
    op,
    named: both.named ?? false,
    version: end?.version ?? receipt?.version,
    writer,
    existed,
    ttlMs: both.ttlMs ?? 0,
    final: both.final ?? false,
    code,
    receipt,
  };
}

export function isMutation(operation: Operation): boolean {
  return operation.kind !== 'get';
}

export function isConditional(operation: Operation): boolean {
  const { kind, expect, expectValue } = operation;
  return kind === 'cas' || kind === 'create' || expect !== undefined || expectValue !== undefined;
}

/**
 * Without the version that a mutation was told where that is not vouched for: under PA one operation may be served
 * degraded by one coordinator and by consensus through another, under a version each.
 */
export function withVouchedVersion(operation: Operation): Operation {
  const { outcome, version, receipt } = operation;
  if (!isMutation(operation) || outcome !== 'ok' || version === undefined || receipt === undefined) return operation;
  return isLinearizable(operation) ? operation : { ...operation, version: undefined };
}

/** Whether its answer was vouched for as linearizable. */
export function isLinearizable(operation: Operation): boolean {
  return operation.receipt?.guarantee === 'linearizable';
}

/** A condition that did not hold, vouched for: it constrains like a read. */
export function isFailedCondition(operation: Operation): boolean {
  return (
    operation.outcome === 'fail' &&
    operation.code === 'CONDITION_FAILED' &&
    isConditional(operation) &&
    isLinearizable(operation)
  );
}

/** A mutation that was answered ok, whatever its receipt vouches for. */
export function isAcknowledged(operation: Operation): boolean {
  return operation.outcome === 'ok' && isMutation(operation);
}

/** A mutation that may have taken effect: anything but a definite failure. */
export function mayHaveApplied(operation: Operation): boolean {
  return operation.outcome !== 'fail' && isMutation(operation);
}

/** What an operation leaves behind: null for a delete, undefined where the history does not say. */
export function writtenValue(operation: Operation): string | null | undefined {
  return operation.kind === 'delete' ? null : operation.value;
}

export function byKey(operations: readonly Operation[]): Map<string, Operation[]> {
  const keys = new Map<string, Operation[]>();
  for (const operation of operations) {
    const list = keys.get(operation.key);
    if (list === undefined) keys.set(operation.key, [operation]);
    else list.push(operation);
  }
  return keys;
}

/** One operation in words: `c3 get → "a" (v7)`. */
export function describe(operation: Operation): string {
  const { process, kind, outcome, value, expect, expectValue, version, op, code } = operation;
  const shown = (text: string | null | undefined): string =>
    text === undefined ? '?' : text === null ? 'absent' : JSON.stringify(text);
  const condition =
    expect !== undefined ? ` if ${expect}` : expectValue !== undefined ? ` if ${shown(expectValue)}` : '';
  const what =
    kind === 'get'
      ? `get${outcome === 'ok' ? ` → ${shown(value)}` : ''}`
      : `${kind}${kind === 'delete' ? '' : ` ${shown(value)}`}${condition}`;
  const at = version === undefined ? '' : ` (${outcome === 'fail' ? 'found ' : ''}${version})`;
  const end = outcome === 'ok' ? weakness(operation) : ` ${outcome}${code === undefined ? '' : ` ${code}`}`;
  return `${process} ${what}${at}${op === undefined ? '' : ` [${op}]`}${end}`;
}

function weakness(operation: Operation): string {
  const guarantee = operation.receipt?.guarantee;
  return guarantee === 'linearizable' ? '' : ` ${guarantee ?? 'no receipt'}`;
}
