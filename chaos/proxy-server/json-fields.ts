/** Requests are read as the real Toxiproxy reads them: names in any case, unknown ones left out, null as nothing. */
import { badBody } from './api-error.js';

export type Fields = Readonly<Record<string, unknown>>;

/** The first JSON value of a body. What follows it is not looked at. */
export function parseBody(text: string): unknown {
  if (text.trim() === '') throw badBody('EOF');
  try {
    return JSON.parse(firstValue(text)) as unknown;
  } catch (error) {
    throw badBody((error as Error).message);
  }
}

export function fieldsOf(value: unknown, what: string): Fields {
  if (value === null || value === undefined) return {};
  if (typeof value === 'object' && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field as unknown]));
  }
  throw badBody(`json: cannot unmarshal ${nameOf(value)} into Go value of type ${what}`);
}

export function textField(fields: Fields, name: string, otherwise: string): string {
  return field(fields, name, 'string', 'string', otherwise);
}

export function booleanField(fields: Fields, name: string, otherwise: boolean): boolean {
  return field(fields, name, 'boolean', 'bool', otherwise);
}

export function numberField(fields: Fields, name: string, otherwise: number): number {
  return field(fields, name, 'number', 'float32', otherwise);
}

export function wholeField(fields: Fields, name: string, otherwise: number): number {
  const number = field(fields, name, 'number', 'int64', otherwise);
  if (Number.isInteger(number)) return number;
  throw badBody(`json: cannot unmarshal number ${number} into Go struct field ${name} of type int64`);
}

function field<T>(fields: Fields, name: string, type: string, foreign: string, otherwise: T): T {
  const value = fields[name];
  if (value === undefined || value === null) return otherwise;
  if (typeof value === type) return value as T;
  throw badBody(`json: cannot unmarshal ${nameOf(value)} into Go struct field ${name} of type ${foreign}`);
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** An object or an array ends with its last bracket; anything else is the whole text. */
function firstValue(text: string): string {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (inText) {
      if (char === '\\') at += 1;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return text.slice(0, at + 1);
    }
  }
  return text;
}
