/** What a mutation asks of the cluster: its condition, its name, its level, and the path that follows from them. */
import type { Ballot } from '../core/ballot.js';
import { operationNameProblem } from '../core/claim.js';
import type { Level } from '../core/level.js';
import { isTtl } from '../core/limits.js';
import type { Expectation, Form, Mutation } from '../core/operation.js';
import { formOf, type Policy } from '../core/policy.js';
import { parseVersion, type Version } from '../core/version.js';
import { refuse, type MutateOptions } from './options.js';

/** Everything about a mutation but its key. */
export interface Write {
  readonly mutation: Mutation;
  readonly level: Level;
  readonly form: Form;
  /** The caller's own name for the operation (PROTOCOL.md rule 20). */
  readonly name: string | null;
  /** What a session has seen the key accepted under. */
  readonly above: Ballot | undefined;
}

/** What a write is to find, and to come after. */
export interface Terms {
  readonly expect: Expectation | null;
  readonly above?: Ballot | undefined;
}

export const ANYTHING: Terms = Object.freeze({ expect: null });

/** The level of calls that name none. */
export interface Defaults {
  readonly policy: Policy;
  readonly level: Level;
}

/**
 * A condition, and a name that outlives its process, are decided by a majority in every policy: such a write is
 * consensus whatever the policy prefers, at QUORUM where the call names no level, and refuses ONE.
 */
export function writeOf(
  mutation: Mutation,
  above: Ballot | undefined,
  { level, opId }: MutateOptions,
  defaults: Defaults,
): Write {
  const name = opId === undefined ? null : checkName(opId);
  if (mutation.expect === null && name === null) {
    const chosen = level ?? defaults.level;
    return { mutation, level: chosen, form: formOf(defaults.policy, chosen), name, above };
  }
  return { mutation, level: majorityLevel(level, defaults.level), form: 'consensus', name, above };
}

/** The level of a call that a majority must decide. Throws INVALID_ARGUMENT where the call asks for ONE. */
export function majorityLevel(asked: Level | undefined, usual: Level): Level {
  if (asked === 'ONE') {
    refuse('a write with a condition or an opId, or an update, is decided by a majority: level QUORUM or ALL, not ONE');
  }
  return asked ?? (usual === 'ONE' ? 'QUORUM' : usual);
}

/** What `expect` says. Throws INVALID_ARGUMENT for what is neither a version nor `absent`. */
export function expectationOf(expect: unknown): Expectation {
  if (expect === 'absent') return expect;
  return (
    versionIn(expect) ?? refuse(`expect must be the version of an earlier result, or "absent", not ${String(expect)}`)
  );
}

/** Throws INVALID_ARGUMENT for what is no version. */
export function checkVersion(name: string, text: unknown): Version {
  return versionIn(text) ?? refuse(`${name} must be the version of an earlier result, not ${String(text)}`);
}

function versionIn(text: unknown): Version | undefined {
  return typeof text === 'string' ? parseVersion(text) : undefined;
}

export function checkTtl(ttlMs: unknown): number {
  if (ttlMs === undefined) return 0;
  if (typeof ttlMs === 'number' && ttlMs > 0 && isTtl(ttlMs)) return ttlMs;
  return refuse(`ttlMs must be a whole number of milliseconds above 0, at most 100 years`);
}

/** For messages. */
export function titleOf({ kind, expect }: Mutation): string {
  if (expect === null) return kind;
  if (kind === 'delete') return 'conditional delete';
  return expect === 'absent' ? 'create' : 'compare-and-set';
}

function checkName(opId: unknown): string {
  if (typeof opId !== 'string') return refuse(`opId must be a text, not ${typeof opId}`);
  const problem = operationNameProblem(opId);
  return problem === undefined ? opId : refuse(problem);
}
