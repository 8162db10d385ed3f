/** What a request may hold; checked in the client and again in the node. */
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from './defaults.js';

/** What is wrong with a key, or undefined. Keys are 1 to 1024 bytes of UTF-8. */
export function keyProblem(key: unknown): string | undefined {
  if (typeof key !== 'string') return `a key must be a string, not ${typeof key}`;
  if (key.length === 0) return 'a key must not be empty';
  if (!key.isWellFormed()) return 'a key must be valid Unicode: this one holds half of a surrogate pair';
  // A UTF-16 code unit is at most three bytes of UTF-8, so most keys need no counting.
  if (key.length * 3 <= KEY_BYTES_MAX) return undefined;
  const bytes = utf8Length(key);
  return bytes > KEY_BYTES_MAX ? `a key is at most ${KEY_BYTES_MAX} bytes of UTF-8; this one is ${bytes}` : undefined;
}

/** What is wrong with the bytes of a value, or undefined. */
export function valueProblem({ length }: { readonly length: number }): string | undefined {
  if (length <= VALUE_BYTES_MAX) return undefined;
  return `a value is at most ${VALUE_BYTES_MAX} bytes; this one is ${length}. Split it over several keys`;
}

const TTL_MS_MAX = 100 * 365 * 24 * 3_600_000;

/** Whether this may be a time to live in milliseconds; 0 means for ever. */
export function isTtl(ttlMs: number): boolean {
  return Number.isInteger(ttlMs) && ttlMs >= 0 && ttlMs <= TTL_MS_MAX;
}

export function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit <= 0xdbff) {
      bytes += 4;
      i += 1;
    } else bytes += 3;
  }
  return bytes;
}
