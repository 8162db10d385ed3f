/** The options of a near cache, checked and with their defaults. */
import { refuse, type NearCacheOptions } from './options.js';

export interface CacheSettings {
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly staleWhileRevalidateMs: number;
  readonly fallbackMs: number;
}

const ENTRIES = 10_000;
const BYTES = 32 * 1_024 * 1_024;
const BYTES_MIN = 1_024;
const AGE_MS = 1_000;

export function cacheSettingsOf(options: NearCacheOptions): CacheSettings {
  const { maxEntries = ENTRIES, maxBytes = BYTES, maxAgeMs = AGE_MS, fallbackMs = 0 } = options;
  const { staleWhileRevalidateMs = 0 } = options;
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 2) refuse('maxEntries must be a whole number of at least 2');
  if (!Number.isSafeInteger(maxBytes) || maxBytes < BYTES_MIN) {
    refuse(`maxBytes must be a whole number of at least ${BYTES_MIN}`);
  }
  return {
    maxEntries,
    maxBytes,
    maxAgeMs: checkAge(maxAgeMs),
    staleWhileRevalidateMs: checkAge(staleWhileRevalidateMs),
    fallbackMs: checkAge(fallbackMs),
  };
}

export function checkAge(ageMs: unknown): number {
  if (typeof ageMs === 'number' && ageMs >= 0) return ageMs;
  return refuse(`an age must be a number of milliseconds of at least 0, not ${String(ageMs)}`);
}
