/** Fields of rare messages: packed with msgpackr, and believed only after each was looked at. */
import { Packr } from 'msgpackr';
import { BALLOT_TIME_MAX, isNone, isWellFormed, NO_BALLOT, type Ballot } from '../core/ballot.js';
import { keyProblem } from '../core/limits.js';
import { CodecError } from './codec-error.js';

export interface Field<T> {
  pack(value: T): unknown;
  unpack(raw: unknown): T;
}

/** One field for each property of a message besides its kind. */
export type Fields<M> = { readonly [F in Exclude<keyof M, 'kind'>]: Field<M[F]> };
/** The fields of every kind of message. */
export type Schema<M extends { readonly kind: string }> = {
  readonly [K in M['kind']]: Fields<Extract<M, { readonly kind: K }>>;
};

const packr = new Packr({ useRecords: false, moreTypes: false });

/** A message as bytes, by the place of its kind in the schema. */
export function packMessage<M extends { readonly kind: string }>(schema: Schema<M>, message: M): Uint8Array {
  const fields = Object.entries<Field<unknown>>(schema[message.kind as M['kind']]);
  const values = fields.map(([name, field]) => field.pack(message[name as keyof M]));
  return packr.pack([Object.keys(schema).indexOf(message.kind), ...values]);
}

/** Throws a CodecError for everything that {@link packMessage} would not have made. */
export function unpackMessage<M extends { readonly kind: string }>(schema: Schema<M>, bytes: Uint8Array): M {
  const raw = unpacked(bytes);
  if (!Array.isArray(raw)) throw new CodecError('a message that is not a list');
  const [place, ...values] = raw as unknown[];
  const kind = typeof place === 'number' ? Object.keys(schema)[place] : undefined;
  if (kind === undefined) throw new CodecError('a message of unknown kind');
  const fields = Object.entries<Field<unknown>>(schema[kind as M['kind']]);
  if (values.length !== fields.length) throw new CodecError(`a message "${kind}" with ${values.length} fields`);
  const message: { [field: string]: unknown } = { kind };
  for (const [index, [name, field]] of fields.entries()) message[name] = field.unpack(values[index]);
  return message as unknown as M;
}

export const flag: Field<boolean> = {
  pack: same,
  unpack: (raw) => (typeof raw === 'boolean' ? raw : fail('a boolean')),
};

export function uint(max = Number.MAX_SAFE_INTEGER): Field<number> {
  return {
    pack: same,
    unpack: (raw) =>
      typeof raw === 'number' && Number.isInteger(raw) && raw >= 0 && raw <= max
        ? raw
        : fail(`an integer from 0 to ${max}`),
  };
}

export function text(lengthMax: number): Field<string> {
  return {
    pack: same,
    unpack: (raw) =>
      typeof raw === 'string' && raw.length <= lengthMax ? raw : fail(`a text of at most ${lengthMax} characters`),
  };
}

export const keyField: Field<string> = {
  pack: same,
  unpack: (raw) => {
    const problem = keyProblem(raw);
    if (problem !== undefined) throw new CodecError(problem);
    return raw as string;
  },
};

export const bytesField: Field<Uint8Array> = {
  pack: same,
  unpack: (raw) => (raw instanceof Uint8Array ? raw : fail('bytes')),
};

/** One of these words. */
export function word<W extends string>(words: readonly W[]): Field<W> {
  return { pack: same, unpack: (raw) => words.find((known) => known === raw) ?? fail(words.join(' or ')) };
}

export function list<T>(item: Field<T>, lengthMax: number): Field<readonly T[]> {
  return {
    pack: (values) => values.map((value) => item.pack(value)),
    unpack: (raw) =>
      Array.isArray(raw) && raw.length <= lengthMax
        ? (raw as unknown[]).map((value) => item.unpack(value))
        : fail(`a list of at most ${lengthMax}`),
  };
}

/** Or null. */
export function optional<T>(field: Field<T>): Field<T | null> {
  return {
    pack: (value) => (value === null ? null : field.pack(value)),
    unpack: (raw) => (raw === null ? null : field.unpack(raw)),
  };
}

/** An object with these fields, as a list. */
export function group<T extends object>(fields: { readonly [F in keyof T]: Field<T[F]> }): Field<T> {
  const entries = Object.entries<Field<unknown>>(fields);
  return {
    pack: (value) => entries.map(([name, field]) => field.pack(value[name as keyof T])),
    unpack: (raw) => {
      if (!Array.isArray(raw) || raw.length !== entries.length) return fail(`a list of ${entries.length}`);
      return Object.fromEntries(entries.map(([name, field], index) => [name, field.unpack(raw[index])])) as T;
    },
  };
}

export const micros = uint(BALLOT_TIME_MAX);

/** A ballot, which may be none. */
export const ballotField: Field<Ballot> = {
  pack: ({ time, node, incarnation, sub }) => [time, node, incarnation, sub],
  unpack: (raw) => {
    if (!Array.isArray(raw) || raw.length !== 4) return fail('a ballot');
    const [time, node, incarnation, sub] = raw as [number, string, string, number];
    const ballot = { time, node, incarnation, sub };
    if (time === 0 && node === '' && isNone(ballot)) return NO_BALLOT;
    return isWellFormed(ballot) ? ballot : fail('a ballot');
  },
};

function same(value: unknown): unknown {
  return value;
}

function unpacked(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes);
  } catch (cause) {
    throw new CodecError('a message that is not MessagePack', { cause });
  }
}

function fail(expected: string): never {
  throw new CodecError(`a field that is not ${expected}`);
}
