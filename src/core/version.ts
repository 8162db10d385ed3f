/**
 * A version names one value of one key: the ballot that created it and its index in that ballot's batch.
 *
 * The node's name is left out because the 64-bit incarnation already tells processes apart. Versions are
 * compared for equality only; ordering by version is a bug (PROTOCOL.md, "What there is", and D2).
 */
import { isIncarnation, type Ballot, type Micros } from './ballot.js';

export interface Version {
  readonly time: Micros;
  readonly incarnation: string;
  readonly sub: number;
  readonly index: number;
}

export const NO_VERSION: Version = Object.freeze({ time: 0, incarnation: '0000000000000000', sub: 0, index: 0 });
export const VERSION_INDEX_MAX = 0xffff;

export function versionOf(ballot: Ballot, index: number): Version {
  return { time: ballot.time, incarnation: ballot.incarnation, sub: ballot.sub, index };
}

export function sameVersion(a: Version, b: Version): boolean {
  return a.time === b.time && a.sub === b.sub && a.index === b.index && a.incarnation === b.incarnation;
}

/** The opaque string that callers see, and hand back to compare-and-set: `mf0x3k1q2w.0.0.9f3a…`. */
export function formatVersion(version: Version): string {
  return `${formatTime(version.time)}.${version.sub.toString(36)}.${version.index.toString(36)}.${version.incarnation}`;
}

/** Five digits of base 36: both halves of a time are then small integers, whose conversion is cheap. */
const LOW = 36 ** 5;

function formatTime(time: Micros): string {
  const high = Math.floor(time / LOW);
  const low = (time - high * LOW).toString(36);
  return high === 0 ? low : high.toString(36) + low.padStart(5, '0');
}

/** The version behind a string made by {@link formatVersion}; undefined for any other string. */
export function parseVersion(text: string): Version | undefined {
  const match = /^([0-9a-z]{1,11})\.([0-9a-z]{1,7})\.([0-9a-z]{1,4})\.([0-9a-f]{16})$/.exec(text);
  if (match === null) return undefined;
  const [, time, sub, index, incarnation] = match as unknown as [string, string, string, string, string];
  const version = { time: parseInt(time, 36), incarnation, sub: parseInt(sub, 36), index: parseInt(index, 36) };
  if (!isIncarnation(incarnation) || !Number.isSafeInteger(version.time)) return undefined;
  if (version.sub > 0xffff_ffff || version.index > VERSION_INDEX_MAX) return undefined;
  return formatVersion(version) === text ? version : undefined;
}
