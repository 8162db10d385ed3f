/**
 * The record of a run, which the checkers judge: NDJSON, one event a line, in any text editor.
 *
 *     {"type":"invoke","process":"c1","time":12.5,"key":"k","kind":"put","value":"a","op":"17@c1"}
 *     {"type":"ok","process":"c1","time":13.1,"key":"k","kind":"put","version":"v1","receipt":{"guarantee":"linearizable"}}
 *
 * Every operation is an `invoke` and at most one end by the same process with the same key and kind:
 * - `ok`: it was answered. What the answer vouches for is in its receipt; without one it binds nothing.
 * - `fail`: it certainly did not take effect. With `code` CONDITION_FAILED and a receipt it is also a look at
 *   the register: the condition did not hold, and `version`, if given, is what was there instead.
 * - `unknown`: it may have taken effect, may do so later, or never. A missing end means the same.
 *
 * A process has one operation open at a time (a pipelining client records one process for each slot) and may
 * go on after `unknown`. `time` is monotonic, in milliseconds with a fraction, comparable between all processes
 * of the file. Events are ordered by time, and at equal times by their place in the file: whoever merges files
 * puts invokes first there, so that operations which may have overlapped do overlap.
 *
 * Which fields an event may have is said at {@link HistoryEvent}; a field not named there is refused.
 */
import { invalidArgument, FulcrumError } from '../src/core/errors.js';
import { GUARANTEES, type Guarantee, type Receipt } from '../src/core/receipt.js';

export const EVENT_TYPES = ['invoke', 'ok', 'fail', 'unknown'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const HISTORY_KINDS = ['get', 'put', 'cas', 'create', 'delete'] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

/** A receipt as it was received; only the guarantee is needed, the rest is judged where it is present. */
export type HistoryReceipt = { readonly guarantee: Guarantee } & Partial<Omit<Receipt, 'guarantee'>>;

export interface HistoryEvent {
  readonly type: EventType;
  readonly process: string;
  /** Milliseconds, monotonic. */
  readonly time: number;
  readonly key: string;
  readonly kind: HistoryKind;
  /**
   * Invoke of put, cas and create: what is written. Ok of get: what was read, null for absent. The value or a
   * digest of it: compared for equality only, so it must be made the same way throughout a history.
   */
  readonly value?: string | null;
  /** Invoke of cas and delete: the version that must be there, or `absent`. */
  readonly expect?: string;
  /** Instead of `expect`, in a history without versions: the value that must be there, null for absent. */
  readonly expectValue?: string | null;
  /** The operation id of a mutation: the same for all attempts at it, by whatever process. */
  readonly op?: string;
  /** The operation id was chosen by the caller: such a mutation takes the consensus path in every policy (rule 20). */
  readonly named?: boolean;
  /** Ok: the version written or read. Fail with CONDITION_FAILED: the version found. */
  readonly version?: string;
  /** Ok of get: the operation id of the mutation whose value was read, where the value carries it. */
  readonly writer?: string;
  /** Ok of a mutation: whether the key had a value before. */
  readonly existed?: boolean;
  /** Invoke of a put, cas or create: how long the value lives. */
  readonly ttlMs?: number;
  /** Processes with the same session were promised read-your-writes and monotonic reads between them. */
  readonly session?: string;
  /** Get: made after faults were healed and repair was done, so that it shows what lasts. */
  readonly final?: boolean;
  /** Fail and unknown: the code of the error. */
  readonly code?: string;
  readonly receipt?: HistoryReceipt;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isAmount = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isNames = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

type Field = readonly [is: (value: unknown) => boolean, what: string];
const TEXT: Field = [isText, 'a string'];
const TEXT_OR_NULL: Field = [isTextOrNull, 'a string or null'];
const FLAG: Field = [isFlag, 'true or false'];
const AMOUNT: Field = [isAmount, 'a number, not negative'];
const NAMES: Field = [isNames, 'a list of names'];

const REQUIRED: readonly (keyof HistoryEvent)[] = ['type', 'process', 'time', 'key', 'kind'];
const EVENT_FIELDS: { readonly [F in keyof Required<HistoryEvent>]: Field } = {
  type: [(value) => EVENT_TYPES.includes(value as EventType), `one of ${EVENT_TYPES.join(', ')}`],
  process: TEXT,
  time: [(value) => typeof value === 'number' && Number.isFinite(value), 'a number of milliseconds'],
  key: TEXT,
  kind: [(value) => HISTORY_KINDS.includes(value as HistoryKind), `one of ${HISTORY_KINDS.join(', ')}`],
  value: TEXT_OR_NULL,
  expect: TEXT,
  expectValue: TEXT_OR_NULL,
  op: TEXT,
  named: FLAG,
  version: TEXT,
  writer: TEXT,
  existed: FLAG,
  ttlMs: AMOUNT,
  session: TEXT,
  final: FLAG,
  code: TEXT,
  receipt: [(value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'an object'],
};

const RECEIPT_FIELDS: { readonly [F in keyof Required<HistoryReceipt>]: Field } = {
  guarantee: [(value) => GUARANTEES.includes(value as Guarantee), `one of ${GUARANTEES.join(', ')}`],
  operation: TEXT,
  level: TEXT,
  policy: TEXT,
  acks: AMOUNT,
  required: AMOUNT,
  replicas: NAMES,
  missing: NAMES,
  hinted: AMOUNT,
  degraded: FLAG,
  durableCopies: AMOUNT,
  rounds: AMOUNT,
  coordinator: TEXT,
  replayed: FLAG,
  superseded: FLAG,
  version: TEXT,
  serverMs: AMOUNT,
};

/** The events of a history file. Throws INVALID_ARGUMENT with the number of the first bad line and what is wrong with it. */
export function parseHistory(text: string): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    if (line.trim() === '') continue;
    const event = parseLine(line);
    if (typeof event === 'string') throw new FulcrumError(invalidArgument(`line ${number} of the history: ${event}`));
    events.push(event);
  }
  return events;
}

export function serializeHistory(events: Iterable<HistoryEvent>): string {
  let text = '';
  for (const event of events) text += `${JSON.stringify(event)}\n`;
  return text;
}

function parseLine(line: string): HistoryEvent | string {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return 'an event is a JSON object';
  return eventProblem(event as { [field: string]: unknown }) ?? (event as HistoryEvent);
}

/** What is wrong with something that should be an event, or undefined. */
export function eventProblem(event: { readonly [field: string]: unknown }): string | undefined {
  const missing = REQUIRED.find((field) => event[field] === undefined);
  if (missing !== undefined) return `"${missing}" is missing`;
  const problem = fieldsProblem(event, EVENT_FIELDS, '');
  if (problem !== undefined) return problem;
  const { receipt } = event as { receipt?: { [field: string]: unknown } };
  if (receipt === undefined) return undefined;
  if (receipt['guarantee'] === undefined) return '"receipt.guarantee" is missing';
  return fieldsProblem(receipt, RECEIPT_FIELDS, 'receipt.');
}

function fieldsProblem(
  holder: { readonly [field: string]: unknown },
  fields: { readonly [field: string]: Field },
  prefix: string,
): string | undefined {
  for (const [name, value] of Object.entries(holder)) {
    if (value === undefined) continue;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) return `unknown field "${prefix}${name}"`;
    if (!field[0](value)) return `"${prefix}${name}" must be ${field[1]}`;
  }
  return undefined;
}
