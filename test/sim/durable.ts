import type { Ballot } from '../../src/core/ballot.js';
import type { Record } from '../../src/core/register.js';
import type { Note, NoteSpace } from '../../src/ports/store.js';

/** What is durable at a node now. */
export interface Durable {
  readonly floor: Ballot;
  synced(key: string): Record | undefined;
  notes(space: NoteSpace, limit: number): readonly Note[];
  /** Every hint that has ever been here, also those that are gone. */
  readonly hintsSoFar: readonly Note[];
}
