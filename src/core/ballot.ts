/**
 * Ballots order everything that happens to one key (PROTOCOL.md, "What there is").
 *
 * A ballot is never packed into one number: two processes may mint at the same microsecond, and the
 * tie must be broken the same way everywhere.
 */

/** Integer microseconds of a hybrid logical clock. A safe integer until the year 2255. */
export type Micros = number;

/** One run of one process: its name and the random number it drew when it started. */
export interface ProcessId {
  readonly node: string;
  /** 64 random bits as 16 lower-case hexadecimal digits. */
  readonly incarnation: string;
}

export interface Ballot extends ProcessId {
  readonly time: Micros;
  /** 0 for every prepared ballot; the owner of a key counts up from there. */
  readonly sub: number;
}

/** Below every ballot: nothing was promised, or nothing was accepted. */
export const NO_BALLOT: Ballot = Object.freeze({ time: 0, node: '', incarnation: '', sub: 0 });

/** The largest time a replica takes from anybody: 2250-01-01, short of where integers stop being exact. */
export const BALLOT_TIME_MAX: Micros = 8_835_955_200_000_000;
export const BALLOT_SUB_MAX = 0xffff_ffff;
export const NODE_NAME_LENGTH_MAX = 64;

export function compareBallots(a: Ballot, b: Ballot): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  if (a.incarnation !== b.incarnation) return a.incarnation < b.incarnation ? -1 : 1;
  return a.sub - b.sub;
}

export function sameBallot(a: Ballot, b: Ballot): boolean {
  return a === b || compareBallots(a, b) === 0;
}

export function maxBallot(a: Ballot, b: Ballot): Ballot {
  return compareBallots(a, b) >= 0 ? a : b;
}

export function isNone(ballot: Ballot): boolean {
  return ballot.time === 0;
}

/** The owner's next ballot. Nothing lies between a ballot and its successor. */
export function successor(ballot: Ballot): Ballot {
  return { time: ballot.time, node: ballot.node, incarnation: ballot.incarnation, sub: ballot.sub + 1 };
}

export function sameProcess(a: ProcessId, b: ProcessId): boolean {
  return a.incarnation === b.incarnation && a.node === b.node;
}

export function isIncarnation(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{16}$/.test(text);
}

/** Whether a ballot that came from outside may be compared at all (rule 1: malformed or above the hard cap). */
export function isWellFormed(ballot: Ballot): boolean {
  return (
    Number.isSafeInteger(ballot.time) &&
    ballot.time > 0 &&
    ballot.time <= BALLOT_TIME_MAX &&
    Number.isInteger(ballot.sub) &&
    ballot.sub >= 0 &&
    ballot.sub <= BALLOT_SUB_MAX &&
    typeof ballot.node === 'string' &&
    ballot.node.length > 0 &&
    ballot.node.length <= NODE_NAME_LENGTH_MAX &&
    isIncarnation(ballot.incarnation)
  );
}

/** For transcripts and logs, `1700000000000000+2@n1/9f…`. */
export function formatBallot(ballot: Ballot): string {
  if (isNone(ballot)) return 'none';
  return `${ballot.time}${ballot.sub > 0 ? `+${ballot.sub}` : ''}@${ballot.node}/${ballot.incarnation.slice(0, 4)}`;
}
