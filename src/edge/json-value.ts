/**
 * Values as JSON and back, without loss. What JSON has no word for becomes an object with one key that
 * begins with "$": {"$bytes": base64}, {"$date": ISO}, {"$bigint": digits}, {"$number": "NaN"},
 * {"$map": [[key, value], …]}, {"$set": […]}, {"$undefined": true}. A plain object that looks like one of
 * these is wrapped as {"$object": …}.
 */
import { FulcrumError, invalidArgument } from '../core/errors.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'undefined':
      return { $undefined: true };
    case 'bigint':
      return { $bigint: value.toString() };
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? '-0' : String(value) };
    case 'boolean':
    case 'string':
      return value;
    case 'object':
      return value === null ? null : objectToJson(value);
    default:
      throw new FulcrumError(invalidArgument(`A ${typeof value} has no form in JSON.`));
  }
}

function objectToJson(value: object): Json {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof Map) return { $map: [...value].map(([key, item]) => [toJson(key), toJson(item)]) };
  if (value instanceof Set) return { $set: [...value].map(toJson) };
  if (Array.isArray(value)) return value.map(toJson);
  const plain = mapEntries(value, toJson);
  return marker(plain) === undefined ? plain : { $object: plain };
}

/** Throws INVALID_ARGUMENT for a marked value that is not well formed. */
export function fromJson(json: Json): unknown {
  if (Array.isArray(json)) return json.map(fromJson);
  if (json === null || typeof json !== 'object') return json;
  const object = json as { readonly [key: string]: Json };
  const mark = marker(object);
  return mark === undefined ? mapEntries(object, (item) => fromJson(item as Json)) : marked(mark, object[mark]!);
}

const MARKS = ['$bytes', '$date', '$bigint', '$number', '$map', '$set', '$undefined', '$object'] as const;
type Mark = (typeof MARKS)[number];

function marker(object: object): Mark | undefined {
  const keys = Object.keys(object);
  return keys.length === 1 ? MARKS.find((mark) => mark === keys[0]) : undefined;
}

function marked(mark: Mark, content: Json): unknown {
  switch (mark) {
    case '$bytes':
      return bytesOf(text(mark, content));
    case '$date':
      return dateOf(text(mark, content));
    case '$bigint':
      return bigintOf(text(mark, content));
    case '$number':
      return numberOf(text(mark, content));
    case '$map':
      return new Map(list(mark, content).map((pair) => pairOf(pair)));
    case '$set':
      return new Set(list(mark, content).map(fromJson));
    case '$undefined':
      return undefined;
    case '$object':
      if (content === null || typeof content !== 'object' || Array.isArray(content)) throw malformed(mark, 'an object');
      return mapEntries(content, (item) => fromJson(item as Json));
  }
}

function bytesOf(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) throw malformed('$bytes', 'base64');
  return new Uint8Array(bytes);
}

function dateOf(iso: string): Date {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) throw malformed('$date', 'a date');
  return date;
}

function bigintOf(digits: string): bigint {
  if (!/^-?[0-9]+$/.test(digits)) throw malformed('$bigint', 'digits');
  return BigInt(digits);
}

function numberOf(name: string): number {
  if (!['NaN', 'Infinity', '-Infinity', '-0'].includes(name))
    throw malformed('$number', 'NaN, Infinity, -Infinity or -0');
  return Number(name);
}

function pairOf(pair: Json): [unknown, unknown] {
  if (!Array.isArray(pair) || pair.length !== 2) throw malformed('$map', 'a list of [key, value]');
  return [fromJson(pair[0] as Json), fromJson(pair[1] as Json)];
}

function text(mark: Mark, content: Json): string {
  if (typeof content !== 'string') throw malformed(mark, 'text');
  return content;
}

function list(mark: Mark, content: Json): readonly Json[] {
  if (!Array.isArray(content)) throw malformed(mark, 'a list');
  return content as readonly Json[];
}

function malformed(mark: Mark, what: string): FulcrumError {
  return new FulcrumError(invalidArgument(`"${mark}" must hold ${what}.`));
}

function mapEntries<T>(object: object, map: (value: unknown) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
