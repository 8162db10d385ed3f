/** Writes down what callers of a client asked and were told, as events of a history. */
import { createHash } from 'node:crypto';
import { MsgpackValueCodec } from '../src/adapters/value-codec.js';
import type { GetResult, MutateResult } from '../src/client/results.js';
import { FulcrumError } from '../src/core/errors.js';
import type { Receipt } from '../src/core/receipt.js';
import type { HistoryEvent, HistoryKind, HistoryReceipt } from './history.js';

/** What is known when an operation begins. */
export type Asked = Pick<HistoryEvent, 'value' | 'expect' | 'op' | 'named' | 'ttlMs' | 'final'>;

/** An operation that has begun; one of its ends is called once. */
export interface Begun {
  readonly got: (result: GetResult) => void;
  readonly mutated: (result: MutateResult) => void;
  readonly failed: (error: unknown) => void;
}

/** Milliseconds of the machine's monotonic clock, the same for all processes on it. */
const BASE_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export function historyTimeMs(): number {
  return BASE_MS + performance.now();
}

/**
 * One caller. Operations that it has under way at the same time are written as several processes, `c1`, `c1/2`, …,
 * because a process of a history has one open at a time.
 */
export class HistoryWriter {
  readonly #free: string[] = [];
  #slots = 0;

  constructor(
    private readonly events: HistoryEvent[],
    private readonly name: string,
    private readonly session?: string,
  ) {}

  begin(key: string, kind: HistoryKind, asked: Asked = {}): Begun {
    const process = this.take();
    const begun = this.beginAs(process, historyTimeMs(), key, kind, asked);
    const freed =
      <V>(end: (value: V) => void) =>
      (value: V): void => {
        end(value);
        this.give(process);
      };
    return { got: freed(begun.got), mutated: freed(begun.mutated), failed: freed(begun.failed) };
  }

  /** By a process that was taken. `sinceMs`: the earliest moment at which it may have begun. */
  beginAs(process: string, sinceMs: number, key: string, kind: HistoryKind, asked: Asked = {}): Begun {
    const call = { process, key, kind };
    const session = this.session === undefined ? {} : { session: this.session };
    this.events.push({ type: 'invoke', time: sinceMs, ...call, ...session, ...asked });
    const end = (type: 'ok' | 'fail' | 'unknown', told: Partial<HistoryEvent>): void => {
      this.events.push({ type, time: historyTimeMs(), ...call, ...told });
    };
    return {
      got: (result) => end('ok', read(result)),
      mutated: (result) => end('ok', written(result, this.session !== undefined)),
      failed: (error) => end(isDefinite(error, kind) ? 'fail' : 'unknown', refused(error)),
    };
  }

  /** A process for one operation at a time, until it is given back. */
  take(): string {
    return this.#free.pop() ?? this.#newSlot();
  }

  give(process: string): void {
    this.#free.push(process);
  }

  #newSlot(): string {
    this.#slots += 1;
    return this.#slots === 1 ? this.name : `${this.name}/${this.#slots}`;
  }
}

function read({ found, value, version, receipt }: GetResult): Partial<HistoryEvent> {
  if (found) return { value: labelOf(value), ...named(version), receipt: recorded(receipt) };
  // Judged by one node's clock, what has expired is absent under the version of its value.
  if (receipt.guarantee !== 'linearizable') return { value: null, receipt: withoutVersion(receipt) };
  return { value: null, ...named(version), receipt: recorded(receipt) };
}

/**
 * A latency write has the version of its own ballot where it was accepted under that, and another one where it had
 * to be prepared: only what was vouched for, to anybody or to a session, has one version.
 */
function written({ existed, version, receipt }: MutateResult, inSession: boolean): Partial<HistoryEvent> {
  const before = existed === undefined ? {} : { existed };
  const hasVersion = receipt.guarantee === 'linearizable' || (inSession && !receipt.superseded);
  if (!hasVersion) return { ...before, receipt: withoutVersion(receipt) };
  return { ...before, version, receipt: recorded(receipt) };
}

function refused(error: unknown): Partial<HistoryEvent> {
  if (!(error instanceof FulcrumError)) return {};
  const { code, currentVersion, receipt } = error;
  if (code !== 'CONDITION_FAILED' || receipt === undefined) return { code };
  const found = currentVersion === 'absent' ? receipt.version : currentVersion;
  return { code, ...named(found), receipt: recorded(receipt) };
}

/** A read that fails changed nothing, whatever became of it. */
function isDefinite(error: unknown, kind: HistoryKind): boolean {
  return kind === 'get' || (error instanceof FulcrumError && error.definite);
}

function named(version: string | undefined): { version?: string } {
  return version === undefined ? {} : { version };
}

function recorded(receipt: Receipt): HistoryReceipt {
  const { version, ...rest } = receipt;
  return version === undefined ? rest : { ...rest, version };
}

function withoutVersion({ version: _, ...rest }: Receipt): HistoryReceipt {
  return rest;
}

const LABEL_LENGTH_MAX = 64;
const codec = new MsgpackValueCodec();

/** A value as histories compare it: a short text as it is, numbers and the like in brackets, a digest of the rest. */
export function labelOf(value: unknown): string {
  if (typeof value === 'string' && value.length <= LABEL_LENGTH_MAX) return value;
  if (value === null || ['number', 'boolean', 'bigint'].includes(typeof value)) return `(${String(value)})`;
  try {
    return `#${createHash('sha256').update(codec.encode(value).bytes).digest('hex').slice(0, 16)}`;
  } catch {
    // It cannot be stored, which the call will say.
    return '#';
  }
}
