/**
 * Values as bodies and back. Bytes are what they are (application/octet-stream); every other value is JSON, with marks
 * for what JSON has no word for (json-value.ts). What the SDK stored can be read here, and the other way round.
 */
import { FulcrumError, invalidArgument } from '../core/errors.js';
import { JSON_TYPE } from './http-server.js';
import { fromJson, toJson, type Json } from './json-value.js';

export interface Representation {
  readonly type: string;
  readonly body: string | Uint8Array;
}

export function representationOf(value: unknown): Representation {
  if (value instanceof Uint8Array) return { type: 'application/octet-stream', body: value };
  return { type: JSON_TYPE, body: `${JSON.stringify(toJson(value))}\n` };
}

/** JSON and text by their names, anything else as bytes. Throws INVALID_ARGUMENT. */
export function valueOf(body: Buffer, contentType: string | undefined): unknown {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return fromJson(parsed(textOf(body)));
  return type.startsWith('text/') ? textOf(body) : body;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return refuse(`The body is called JSON and is not: ${reason}.`, cause);
  }
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch (cause) {
    return refuse('The body is called text and is not UTF-8. Send it as application/octet-stream.', cause);
  }
}

function refuse(message: string, cause: unknown): never {
  throw new FulcrumError(invalidArgument(`${message} Nothing was stored.`), { cause });
}
