/** What operations do to a state: a pure function of the state and the operations (PROTOCOL.md rules 6b, 7b, 7c, 13). */
import type { Ballot, Micros, ProcessId } from './ballot.js';
import { expiryOf, isLookUp, type Mutation, type Operation } from './operation.js';
import { State, type StateFields } from './state.js';
import { OpWindow, type WindowEntry } from './op-window.js';
import { sameVersion, versionOf, type Version } from './version.js';

export type Outcome =
  | {
      /** `mismatch`: the condition did not hold; `version` is what was there. */
      readonly kind: 'applied' | 'mismatch';
      readonly version: Version;
      /** Whether the key had a value before. */
      readonly existed: boolean;
      /** Served on a weak state: vouches for `quorum` only (rule 12). */
      readonly weak: boolean;
      /** Answered from the window: an earlier attempt had done it. */
      readonly replayed: boolean;
    }
  /** The same operation id came with another payload. */
  | { readonly kind: 'op-mismatch' }
  /** Minted at or before what the window has forgotten. */
  | { readonly kind: 'too-old'; readonly floor: Micros };

export interface ApplyContext {
  /** The ballot the new state will be proposed under. */
  readonly ballot: Ballot;
  /** Who owns the key if anything changes. */
  readonly owner: ProcessId | null;
  /** The coordinator's clock: decides expiry and the age of window entries. */
  readonly now: Micros;
  /** K. */
  readonly windowSize: number;
  readonly lifetime: Micros;
}

export interface Applied {
  /** The state to propose; the very base where nothing changed. */
  readonly state: State;
  /** One for each operation, in order. */
  readonly outcomes: readonly Outcome[];
}

type Draft = { -readonly [Field in keyof StateFields]: StateFields[Field] };

/** Applies operations in order, each to the result of the one before, each looked up in the window first. */
export function applyOperations(base: State, operations: readonly Operation[], context: ApplyContext): Applied {
  const draft: Draft = { ...fieldsOf(base), owner: context.owner };
  const outcomes: Outcome[] = [];
  let changed = false;
  for (const [index, op] of operations.entries()) {
    const known = recall(draft, op);
    changed ||= known === undefined;
    // A latency write has one version, whether it was prepared in the end or not.
    const version = op.form === 'latency' ? versionOf(op.id, 0) : versionOf(context.ballot, index);
    outcomes.push(known ?? applyOne(draft, op, version, context));
  }
  return { state: changed ? new State(draft) : base, outcomes };
}

/** The state of a latency write: a pure function of the operation (rule 11). */
export function latencyState(op: Operation): State {
  const version = versionOf(op.id, 0);
  const { window } = OpWindow.EMPTY.append(
    {
      opTime: op.id.time,
      opIncarnation: op.id.incarnation,
      fingerprint: op.fingerprint,
      applied: true,
      existed: false,
      weak: true,
      version,
    },
    1,
    0,
  );
  return new State({
    version,
    ...valueOf(op.mutation),
    expiresAt: expiryOf(op),
    owner: null,
    blind: true,
    weak: true,
    window,
    windowFloor: op.id.time,
  });
}

function recall(draft: Draft, op: Operation): Outcome | undefined {
  const entry = draft.window.find(op.id);
  if (entry !== undefined) {
    if (entry.fingerprint !== op.fingerprint && !isLookUp(op.mutation)) return { kind: 'op-mismatch' };
    const { applied, version, existed, weak } = entry;
    return { kind: applied ? 'applied' : 'mismatch', version, existed, weak, replayed: true };
  }
  return op.id.time <= draft.windowFloor ? { kind: 'too-old', floor: draft.windowFloor } : undefined;
}

function applyOne(draft: Draft, op: Operation, version: Version, context: ApplyContext): Outcome {
  // Rule 15: a mutation that finds the value expired writes the tombstone too, also when its own condition fails.
  if (draft.value !== null && draft.expiresAt > 0 && draft.expiresAt <= context.now) {
    draft.value = null;
    draft.expiresAt = 0;
    draft.version = version;
  }
  const existed = draft.value !== null;
  const applied = holds(draft, op.mutation);
  const weak = draft.weak;
  if (applied) {
    Object.assign(draft, valueOf(op.mutation));
    draft.expiresAt = expiryOf(op);
    draft.version = version;
    draft.weak = false;
  }
  record(draft, op, { applied, existed, weak }, context);
  return { kind: applied ? 'applied' : 'mismatch', version: draft.version, existed, weak, replayed: false };
}

function holds(draft: Draft, { expect }: Mutation): boolean {
  if (expect === null) return true;
  if (expect === 'absent') return draft.value === null;
  return draft.value !== null && sameVersion(draft.version, expect);
}

function record(
  draft: Draft,
  op: Operation,
  result: Pick<WindowEntry, 'applied' | 'existed' | 'weak'>,
  context: ApplyContext,
): void {
  const { id, fingerprint } = op;
  const { window, forgotten } = draft.window.append(
    { opTime: id.time, opIncarnation: id.incarnation, fingerprint, ...result, version: draft.version },
    context.windowSize,
    context.now - context.lifetime,
  );
  draft.window = window;
  draft.windowFloor = Math.max(draft.windowFloor, forgotten);
}

function valueOf(mutation: Mutation): Pick<StateFields, 'value' | 'encoding'> {
  return mutation.kind === 'put'
    ? { value: mutation.value, encoding: mutation.encoding }
    : { value: null, encoding: 'bytes' };
}

function fieldsOf(state: State): StateFields {
  const { version, value, encoding, expiresAt, owner, blind, weak, window, windowFloor } = state;
  return { version, value, encoding, expiresAt, owner, blind, weak, window, windowFloor };
}
