/** Ranges of keys in byte order, and what one node says of its own keys in one. */
import type { Ballot } from './ballot.js';
import { RESERVED_PREFIX } from './claim.js';
import { KEY_BYTES_MAX } from './defaults.js';
import { compareKeys } from './key-order.js';
import { utf8Length } from './limits.js';

/** The keys from `from` on, itself included, and before `to`; '' on either side: no bound. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
  /** The greatest key comes first. */
  readonly reverse: boolean;
}

/** A tombstone of a key, as one replica holds it. */
export interface DeletedKey {
  readonly key: string;
  readonly accepted: Ballot;
}

/** Some of the keys of one replica, in the order of the range. */
export interface KeyPage {
  /** Those that have a value. */
  readonly keys: readonly string[];
  readonly deleted: readonly DeletedKey[];
  /** The last key that was looked at, whatever was found there; null: the range was looked at to its end. */
  readonly through: string | null;
}

export const NO_KEYS: KeyPage = { keys: [], deleted: [], through: null };

/** The first key that is not the cluster's own. */
const FIRST_KEY = String.fromCharCode(RESERVED_PREFIX.charCodeAt(0) + 1);
const LAST_CODE_POINT = 0x10_ffff;

/** Nothing lies between a key and this. */
export function keyAfter(key: string): string {
  return `${key}\u0000`;
}

/** The first text after all that begin with `prefix`; '': there is none. */
export function endOfPrefix(prefix: string): string {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return '';
  // Halves of surrogate pairs are no characters.
  points.push(last + 1 === 0xd800 ? 0xe000 : last + 1);
  return String.fromCodePoint(...points);
}

/** What is in both, in the order of the first. */
export function narrowed(range: KeyRange, other: { readonly from: string; readonly to: string }): KeyRange {
  const from = compareKeys(range.from, other.from) < 0 ? other.from : range.from;
  return { from, to: lowerEnd(range.to, other.to), reverse: range.reverse };
}

/** What is left of a range once it was looked at through this key. */
export function restAfter(range: KeyRange, through: string): KeyRange {
  return range.reverse ? { ...range, to: through } : { ...range, from: keyAfter(through) };
}

/** Without the keys that are the cluster's own; undefined: nothing is left. */
export function publicRange(range: KeyRange): KeyRange | undefined {
  const open = narrowed(range, { from: FIRST_KEY, to: '' });
  return open.to !== '' && compareKeys(open.from, open.to) >= 0 ? undefined : open;
}

export function isInRange(key: string, { from, to }: KeyRange): boolean {
  return compareKeys(key, from) >= 0 && (to === '' || compareKeys(key, to) < 0);
}

/** In the order of a range. */
export function compareIn({ reverse }: KeyRange, a: string, b: string): number {
  return reverse ? compareKeys(b, a) : compareKeys(a, b);
}

/** What is wrong with the bound of a range, or undefined. */
export function boundProblem(name: string, bound: unknown): string | undefined {
  if (typeof bound !== 'string') return `${name} must be a string, not ${typeof bound}`;
  if (!bound.isWellFormed()) return `${name} must be valid Unicode: this one holds half of a surrogate pair`;
  // One more than a key: what follows the longest key is a bound, too.
  const bytes = utf8Length(bound);
  return bytes > KEY_BYTES_MAX + 1
    ? `${name} is at most ${KEY_BYTES_MAX} bytes of UTF-8; this one is ${bytes}`
    : undefined;
}

export function rangeProblem(range: KeyRange): string | undefined {
  return boundProblem('from', range.from) ?? boundProblem('to', range.to);
}

/** '' is above everything. */
function lowerEnd(a: string, b: string): string {
  if (a === '') return b;
  return b === '' || compareKeys(a, b) < 0 ? a : b;
}
