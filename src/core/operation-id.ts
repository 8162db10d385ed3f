/**
 * The identity of an operation as callers see it and hand it back: opaque texts. One is what a unary retry sends along;
 * the other, the handle, also says which key it was of, since another key knows nothing of it and would say so.
 */
import { isWellFormed, type Ballot } from './ballot.js';
import { hashText } from './hash.js';
import type { Form } from './operation.js';

export interface OperationIdentity {
  readonly id: Ballot;
  readonly form: Form;
}

const FORM_LETTERS: Readonly<Record<Form, string>> = { consensus: 'c', blind: 'b', latency: 'l' };
const HANDLE = /^op:([0-9a-f]{8})\.(.*)$/s;
const HANDLE_PREFIX = 'op:';

export function formatOperationId({ id, form }: OperationIdentity): string {
  return `${id.time.toString(36)}.${FORM_LETTERS[form]}.${id.incarnation}.${encodeURIComponent(id.node)}`;
}

/** undefined: none that {@link formatOperationId} makes. */
export function parseOperationId(text: string): OperationIdentity | undefined {
  const match = /^([0-9a-z]{1,11})\.([cbl])\.([0-9a-f]{16})\.([^.].*)$/.exec(text);
  const [, time = '', letter, incarnation = '', node = ''] = match ?? [];
  const form = (Object.keys(FORM_LETTERS) as Form[]).find((name) => FORM_LETTERS[name] === letter);
  const id = { time: parseInt(time, 36), node: decodeName(node), incarnation, sub: 0 };
  return form === undefined || !isWellFormed(id) ? undefined : { id, form };
}

export function formatHandle(key: string, operation: OperationIdentity): string {
  const id = formatOperationId(operation);
  return `${HANDLE_PREFIX}${checkOf(key, id).toString(16).padStart(8, '0')}.${id}`;
}

/** Whether a text is meant to be a handle, rather than a caller's own name for an operation. */
export function isHandle(text: string): boolean {
  return text.startsWith(HANDLE_PREFIX);
}

/** undefined: it is none, was changed, or was made for another key. */
export function parseHandle(key: string, text: string): OperationIdentity | undefined {
  const [, hash = '', rest = ''] = HANDLE.exec(text) ?? [];
  return parseInt(hash, 16) === checkOf(key, rest) ? parseOperationId(rest) : undefined;
}

function checkOf(key: string, id: string): number {
  return hashText(`${key}\0${id}`);
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
