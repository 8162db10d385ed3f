/**
 * Validators of RFC 9110: a version is a strong entity tag, and says by its time when the value was last modified.
 * What a browser or another cache still has is compared by them, so that an unchanged value is not sent again.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import { parseVersion } from '../core/version.js';

/**
 * A date has whole seconds: it is told only when no other write can still come in the same one. Clocks of nodes are
 * half a second apart at most.
 */
const SETTLED_MS = 2_000;

/** Of a key that never had a value: there is nothing to compare. */
export function entityTag(version: string | undefined): string | undefined {
  return version === undefined ? undefined : `"${version}"`;
}

/** In milliseconds of the wall clock, whole seconds; undefined while it could still be another one's. */
export function lastModifiedMs(version: string | undefined, nowMs: number): number | undefined {
  const parsed = version === undefined ? undefined : parseVersion(version);
  if (parsed === undefined) return undefined;
  const atMs = Math.floor(parsed.time / 1_000_000) * 1_000;
  return atMs + 1_000 + SETTLED_MS <= nowMs ? atMs : undefined;
}

/** Whether the asker has this already: If-None-Match, and only without it If-Modified-Since (RFC 9110, 13.2.2). */
export function isNotModified(
  headers: IncomingHttpHeaders,
  tag: string | undefined,
  modifiedMs: number | undefined,
): boolean {
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined) return tag !== undefined && matches(noneMatch, tag);
  const since = Date.parse(headers['if-modified-since'] ?? '');
  // Not the same date alone: whoever asks may have got its own from elsewhere.
  return modifiedMs !== undefined && !Number.isNaN(since) && modifiedMs <= since;
}

/** What a write expects to be there, as the SDK takes it; undefined: anything. Throws INVALID_ARGUMENT. */
export function expectationOf(headers: IncomingHttpHeaders): string | undefined {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined && noneMatch !== undefined) refuse('A write takes If-Match or If-None-Match, not both.');
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== '*') refuse('If-None-Match of a write must be *: only if the key has no value.');
    return 'absent';
  }
  if (match === undefined) return undefined;
  const [, version = ''] = /^\s*"([^"]*)"\s*$/.exec(match) ?? [];
  if (parseVersion(version) === undefined)
    refuse(`If-Match must be the one entity tag that a read of the key gave, in quotes, not ${match}.`);
  return version;
}

/** Weak comparison, as a GET wants it. */
function matches(header: string, tag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}

function refuse(message: string): never {
  throw new FulcrumError(invalidArgument(message));
}
