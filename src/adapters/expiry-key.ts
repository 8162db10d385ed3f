/** Expiries as keys of a LevelDB folder, in the order of their time. */
import type { Micros } from '../core/ballot.js';
import type { Expiry } from '../ports/store.js';
import { CodecError } from './codec-error.js';
import { EXPIRY_PREFIX } from './level-database.js';

/** As many digits as the largest safe integer has. */
const DIGITS = 16;
const KEY_AT = EXPIRY_PREFIX.length + DIGITS;

export function expiryKey({ expiresAt, key }: Expiry): string {
  return expiriesFrom(expiresAt) + key;
}

/** Sorts before every expiry at this time or later, and after all earlier ones. */
export function expiriesFrom(time: Micros): string {
  return EXPIRY_PREFIX + String(time).padStart(DIGITS, '0');
}

/** Throws {@link CodecError} for a key that {@link expiryKey} did not make. */
export function parseExpiryKey(text: string): Expiry {
  const expiresAt = Number(text.slice(EXPIRY_PREFIX.length, KEY_AT));
  const expiry = { key: text.slice(KEY_AT), expiresAt };
  if (Number.isSafeInteger(expiresAt) && expiryKey(expiry) === text) return expiry;
  throw new CodecError(`not an expiry: ${JSON.stringify(text)}`);
}
