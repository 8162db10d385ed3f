/**
 * Operations named by the caller (PROTOCOL.md rule 20): the claim register that fixes, for every process and
 * for 24 hours, which operation a name stands for and what became of it.
 */
import { isIncarnation, isNone, isWellFormed, type Ballot } from './ballot.js';
import { GUARANTEES, type Guarantee } from './receipt.js';
import type { Version } from './version.js';

/** Keys that begin with this belong to the cluster; clients may not use them. */
export const RESERVED_PREFIX = '\u0000';
/** Sorts after every reserved key and before every other one. */
export const RESERVED_END = `${RESERVED_PREFIX}\u{10ffff}`;
const CLAIM_PREFIX = `${RESERVED_PREFIX}claim/`;

export const OPERATION_NAME_LENGTH_MAX = 255;

export interface ClaimOutcome {
  /** False: the condition failed. */
  readonly applied: boolean;
  /** null where the first answer could not tell. */
  readonly existed: boolean | null;
  readonly version: Version;
  /** What the first answer vouched for; a repeated one vouches for no more. */
  readonly guarantee: Guarantee;
  /** Under which it was accepted. */
  readonly accepted: Ballot;
}

export interface Claim {
  readonly key: string;
  readonly fingerprint: number;
  /** The operation every attempt under this name carries out. */
  readonly operation: Ballot;
  /** A second executor has registered: from then on the operation may not be replaced. */
  readonly shared: boolean;
  readonly outcome: ClaimOutcome | null;
}

export function claimKey(name: string): string {
  return CLAIM_PREFIX + name;
}

export function isReserved(key: string): boolean {
  return key.startsWith(RESERVED_PREFIX);
}

/** What is wrong with a caller's operation name, or undefined. */
export function operationNameProblem(name: string): string | undefined {
  if (name.length === 0 || name.length > OPERATION_NAME_LENGTH_MAX) {
    return `an operation id is 1 to ${OPERATION_NAME_LENGTH_MAX} characters; this one is ${name.length}`;
  }
  return name.isWellFormed()
    ? undefined
    : 'an operation id must be valid Unicode: this one holds half of a surrogate pair';
}

/** As JSON text: claims are few, and a person can read them in an export. */
export function formatClaim(claim: Claim): string {
  return JSON.stringify(claim);
}

/** undefined: not a claim. */
export function parseClaim(text: string): Claim | undefined {
  let claim: Partial<Claim> | null;
  try {
    claim = JSON.parse(text) as Partial<Claim> | null;
  } catch {
    return undefined;
  }
  if (typeof claim !== 'object' || claim === null) return undefined;
  const { key, fingerprint, operation, shared, outcome } = claim;
  if (typeof key !== 'string' || typeof fingerprint !== 'number' || typeof shared !== 'boolean') return undefined;
  if (typeof operation !== 'object' || (operation as Ballot | null) === null || !isWellFormed(operation))
    return undefined;
  if (outcome === undefined || (outcome !== null && !isOutcome(outcome))) return undefined;
  return { key, fingerprint, operation, shared, outcome };
}

function isOutcome(outcome: Partial<ClaimOutcome>): boolean {
  const { version, guarantee, accepted } = outcome;
  const isSound = isIncarnation(version?.incarnation) && GUARANTEES.includes(guarantee as Guarantee);
  return isSound && accepted !== undefined && (isNone(accepted) || isWellFormed(accepted));
}
