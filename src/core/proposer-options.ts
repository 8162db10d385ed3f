/** What a proposer is to carry out, and how far. */
import type { Seed } from './adoption.js';
import type { Ballot, Micros, ProcessId } from './ballot.js';
import type { Operation } from './operation.js';

export interface ProposerOptions {
  readonly self: ProcessId;
  /** The key's home replicas in ring order; this process is one of them. */
  readonly replicas: readonly string[];
  readonly operations: readonly Operation[];
  /** For each operation, whether an earlier attempt of this coordinator may have applied it. */
  readonly mayHaveApplied?: readonly boolean[];
  /** Level ALL: once chosen, wait for the other replicas too (rule 10). */
  readonly waitForAll: boolean;
  readonly windowSize: number;
  readonly lifetime: Micros;
  /** For identity rounds of repair. */
  readonly seed?: Seed | undefined;
  /** The replica whose record is being repaired: its promise must be among those that are adopted from (rule 16). */
  readonly mustHear?: string | undefined;
  /** What a caller's session has seen: a record below it is no base for the owner path, whose ballot would be, too. */
  readonly above?: Ballot | undefined;
  /** Promises to adopt from; a majority unless told. All of them for the barrier of rule 19. */
  readonly promises?: number | undefined;
}
