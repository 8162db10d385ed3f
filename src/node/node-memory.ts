/** What a node remembers besides its records: the floor of its range (rule 17) and its policy (rule 19). */
import { isWellFormed, NO_BALLOT, type Ballot, type Micros } from '../core/ballot.js';
import type { DiskIdentity } from '../core/disk-identity.js';
import { isPolicy, type Policy } from '../core/policy.js';
import type { PolicyStand } from '../core/repair-message.js';
import type { SettledMarks } from '../core/settled-marks.js';
import type { Note, NoteChange } from '../ports/store.js';

export interface NodeMemory {
  readonly floor: Ballot;
  readonly stand: PolicyStand;
  /** Up to when each peer is known to hold what this node holds (core/settled-marks). */
  readonly marks: Readonly<{ [peer: string]: Micros }>;
  /** How often a process was started on this disk, this one included. */
  readonly starts: number;
  /** The disks that the peers have voted from. */
  readonly disks: Readonly<{ [peer: string]: DiskIdentity }>;
}

/** More than a node has of them. */
export const MEMORY_NOTES_MAX = 100;

const FLOOR = 'floor';
const STAND = 'policy';
const MARKS = 'marks';
const STARTS = 'starts';
const DISKS = 'disks';

/** `notes`: those of the space `meta`. `policy`: of a node that remembers none. Throws where a note is damaged. */
export function memoryFrom(notes: readonly Note[], policy: Policy): NodeMemory {
  const floor = noteNamed(notes, FLOOR) as Ballot | undefined;
  if (floor !== undefined && !isWellFormed(floor)) throw damaged(FLOOR);
  const stand = (noteNamed(notes, STAND) ?? { epoch: 1, policy, settled: true }) as PolicyStand;
  if (!isPolicy(stand.policy) || !Number.isSafeInteger(stand.epoch)) throw damaged(STAND);
  const marks = (noteNamed(notes, MARKS) ?? {}) as NodeMemory['marks'];
  if (typeof marks !== 'object' || !Object.values(marks).every(Number.isSafeInteger)) throw damaged(MARKS);
  const starts = (noteNamed(notes, STARTS) ?? 0) as number;
  if (!Number.isSafeInteger(starts)) throw damaged(STARTS);
  const disks = (noteNamed(notes, DISKS) ?? {}) as NodeMemory['disks'];
  if (typeof disks !== 'object') throw damaged(DISKS);
  return { floor: floor ?? NO_BALLOT, stand, marks, starts: starts + 1, disks };
}

export function floorNote(floor: Ballot): NoteChange {
  return { space: 'meta', name: FLOOR, bytes: encoded(floor) };
}

export function standNote(stand: PolicyStand): NoteChange {
  return { space: 'meta', name: STAND, bytes: encoded(stand) };
}

export function marksNote(marks: SettledMarks): NoteChange {
  return { space: 'meta', name: MARKS, bytes: encoded(marks) };
}

/** Has to be on disk before the process shows itself to anybody. */
export function startsNote(starts: number): NoteChange {
  return { space: 'meta', name: STARTS, bytes: encoded(starts) };
}

export function disksNote(disks: NodeMemory['disks']): NoteChange {
  return { space: 'meta', name: DISKS, bytes: encoded(disks) };
}

function noteNamed(notes: readonly Note[], name: string): unknown {
  const note = notes.find((one) => one.name === name);
  if (note === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(note.bytes)) as unknown;
  } catch {
    throw damaged(name);
  }
}

function encoded(value: object | number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function damaged(name: string): Error {
  return new Error(`The note "${name}" on this node's disk is damaged.`);
}
