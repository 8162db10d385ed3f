/** What a node is made with. */
import type { ProcessId } from '../core/ballot.js';
import type { Policy } from '../core/policy.js';
import type { PolicyStand } from '../core/repair-message.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { NoteCodec } from '../ports/note-codec.js';
import type { PeerTransport } from '../ports/peers.js';
import type { Random } from '../ports/random.js';
import type { Store } from '../ports/store.js';
import type { NodeMemory } from './node-memory.js';

export interface NodeOptions {
  readonly self: ProcessId;
  readonly cluster: {
    readonly name?: string;
    readonly nodes: readonly string[];
    readonly replicas: number;
    readonly policy: Policy;
  };
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly transport: PeerTransport;
  readonly log: Log;
  readonly cacheBytesMax?: number;
  readonly noteCodec: NoteCodec;
  /** How old a deletion must be before it is forgotten; TOMBSTONE_GRACE_MS unless told. */
  readonly tombstoneGraceMs?: number;
  /** Of the requests, what every other choice would have given is found out for this share; 0, unless told. */
  readonly counterfactualShare?: number | undefined;
  /** The node works under another policy, or may claim more, from now on. */
  readonly onStand?: (stand: PolicyStand) => void;
  /** What the node remembers from before, out of its store. */
  readonly memory: NodeMemory;
  /** The disk failed: the process must end, since it may not answer for what it could not write. */
  readonly onFatal: (error: Error) => void;
}
