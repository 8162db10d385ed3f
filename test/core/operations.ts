import type { Ballot } from '../../src/core/ballot.js';
import { makeOperation, type Expectation, type Form, type Operation } from '../../src/core/operation.js';
import { State, type StateFields } from '../../src/core/state.js';
import type { Version } from '../../src/core/version.js';

export const CLIENT = { node: 'client', incarnation: 'c11e'.repeat(4) };

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(value: Uint8Array | null): string | null {
  return value === null ? null : new TextDecoder().decode(value);
}

export function ballotAt(time: number, node = 'n1', sub = 0): Ballot {
  return { time, node, incarnation: node.padEnd(16, '0').replace(/[^0-9a-f]/g, '1'), sub };
}

export interface PutOptions {
  readonly form?: Form;
  readonly expect?: Expectation | Version | null;
  readonly ttlMs?: number;
}

export function putOperation(opTime: number, value: string, options: PutOptions = {}): Operation {
  const { form = 'consensus', expect = null, ttlMs = 0 } = options;
  const id = { ...CLIENT, time: opTime, sub: 0 };
  return makeOperation(id, form, { kind: 'put', value: bytes(value), encoding: 'bytes', ttlMs, expect });
}

export function deleteOperation(opTime: number, options: Omit<PutOptions, 'ttlMs'> = {}): Operation {
  const { form = 'consensus', expect = null } = options;
  return makeOperation({ ...CLIENT, time: opTime, sub: 0 }, form, { kind: 'delete', expect });
}

/** This state with other values for some of its fields. */
export function stateWith(state: State, changes: Partial<StateFields>): State {
  const { version, value, encoding, expiresAt, owner, blind, weak, window, windowFloor } = state;
  return new State({ version, value, encoding, expiresAt, owner, blind, weak, window, windowFloor, ...changes });
}
