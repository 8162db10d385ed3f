/** What a node does besides requests: repair, and what goes with it. Wired together here, started and stopped as one. */
import type { Ballot } from '../core/ballot.js';
import type { AcceptMessage } from '../core/peer-message.js';
import type { Record } from '../core/register.js';
import type { PolicyStand, RepairReply, RepairRequest } from '../core/repair-message.js';
import type { Ring } from '../core/ring.js';
import { SettledMarks } from '../core/settled-marks.js';
import type { State } from '../core/state.js';
import type { ConflictsDone } from '../ports/admin.js';
import type { NoteCodec } from '../ports/note-codec.js';
import type { Store } from '../ports/store.js';
import { AntiEntropy } from './anti-entropy.js';
import type { Acknowledged } from './counterfactuals.js';
import { HintKeeper } from './hint-keeper.js';
import { askOnce } from './ask-once.js';
import { KeySettler } from './key-settler.js';
import { KeyMender } from './key-mender.js';
import { Ledger } from './ledger.js';
import { marksNote, type NodeMemory } from './node-memory.js';
import { PolicyKeeper } from './policy-keeper.js';
import { RepairService } from './repair-service.js';
import type { RecordChange } from './replica.js';
import type { RepairStats } from './stats.js';
import type { Ticking, Tools } from './tools.js';
import { TombstoneCollector } from './tombstone-collector.js';
import { TreeKeeper } from './tree-keeper.js';

export interface BackgroundParts {
  readonly tools: Tools;
  readonly ring: Ring;
  readonly store: Store;
  readonly codec: NoteCodec;
  readonly memory: NodeMemory;
  readonly peers: readonly string[];
  /** Tombstones younger than this stay. */
  readonly graceMs: number;
  /** Writes of this key that this node acknowledged. */
  readonly acknowledgedOf: (key: string) => Acknowledged;
  /** The node works under another policy, or may claim more, from now on. */
  readonly onStand: (stand: PolicyStand) => void;
  /** Makes a call that looks at the time until it says that it has ended. */
  readonly track: <C extends Ticking>(make: (ended: (call: Ticking) => void) => C) => C;
}

export class Background {
  readonly #parts: BackgroundParts;
  readonly #marks: SettledMarks;
  readonly #trees: TreeKeeper;
  readonly #hints: HintKeeper;
  readonly #ledger: Ledger;
  readonly #collector: TombstoneCollector;
  readonly #service: RepairService;
  readonly policy: PolicyKeeper;
  readonly #antiEntropy: AntiEntropy;

  constructor(parts: BackgroundParts) {
    const { tools, ring, store, codec, peers, track, acknowledgedOf } = parts;
    const { replica, clock, log, self } = tools;
    const settler = new KeySettler({ tools, ring, track });
    this.#parts = parts;
    this.#marks = new SettledMarks(parts.memory.marks);
    this.#trees = new TreeKeeper({ self: self.node, ring, store, replica, clock, log });
    this.#hints = new HintKeeper({ tools, store, codec });
    this.#collector = new TombstoneCollector({ tools, ring, store, graceMs: parts.graceMs });
    this.#ledger = new Ledger({ tools, store, codec });
    this.policy = new PolicyKeeper({
      tools,
      peers,
      stand: parts.memory.stand,
      hints: () => this.#hints,
      antiEntropy: () => this.#antiEntropy,
      onStand: parts.onStand,
    });
    const { policy } = this;
    this.#service = new RepairService({
      tools,
      settler,
      trees: this.#trees,
      hints: this.#hints,
      policy,
      acknowledgedOf,
    });
    const mender = new KeyMender(tools, settler);
    const marks = this.#marks;
    const saveMarks = (): void => {
      replica.note(marksNote(marks));
    };
    this.#antiEntropy = new AntiEntropy({ tools, trees: this.#trees, mender, peers, marks, saveMarks });
  }

  start(): void {
    this.#antiEntropy.start();
    this.#hints.start();
    this.#ledger.start();
    this.#collector.start();
    this.policy.start();
  }

  stop(): void {
    this.#antiEntropy.stop();
    this.#hints.stop();
    this.#ledger.stop();
    this.#collector.stop();
    this.policy.stop();
  }

  /** For every change of a record, in the turn in which it happens: what is noted is in the record's batch. */
  changed(change: RecordChange): void {
    const { ring, tools } = this.#parts;
    const { key, before, after, from } = change;
    const self = tools.self.node;
    this.#trees.changed(change);
    this.#collector.changed(change);
    if (before.accepted === after.accepted) return;
    this.#ledger.changed(change, this.#marks.until(ring.homeReplicas(key), self));
    if (this.#marks.accepted(after.accepted.time, from === self ? null : from))
      tools.replica.note(marksNote(this.#marks));
  }

  /** A latency write has come below what is here. */
  late(message: AcceptMessage, record: Record): void {
    this.#ledger.late(message, record);
  }

  /** A link to this peer has come up. */
  linkUp(peer: string): void {
    this.policy.exchange(peer);
    this.#hints.drain(peer);
    this.#antiEntropy.hurry(peer);
  }

  answer(request: RepairRequest, done: (reply: RepairReply) => void): void {
    this.#service.answer(request, done);
  }

  /** Where a write for a home replica that cannot be reached is kept: the next nodes on the ring that can be. */
  fallbacks(key: string, count: number): string[] {
    const { ring, tools } = this.#parts;
    return ring.fallbacks(key, (node) => tools.links.reachable(node), count);
  }

  hint(keeper: string, target: string, key: string, ballot: Ballot, state: State, done: (kept: boolean) => void): void {
    const repair = { kind: 'hint', target, key, ballot, state } as const;
    askOnce(this.#parts.tools, { peer: keeper, repair }, (reply) => {
      done(reply?.kind === 'repaired' && reply.reply.kind === 'hinted' && reply.reply.kept);
    });
  }

  /** Forgets a deletion now if all home replicas agree; for tests of what must not come back. */
  collect(key: string, done: (collected: boolean) => void): void {
    this.#collector.collect(key, done);
  }

  conflicts(after: string, limit: number, done: ConflictsDone): void {
    this.#ledger.list(after, limit, done);
  }

  stats(): RepairStats {
    return {
      ...this.#antiEntropy.stats(),
      hints: this.#hints.totals(),
      conflicts: this.#ledger.recorded,
      conflictsKept: this.#ledger.kept,
      settlingProgress: this.policy.settlingProgress,
      collected: this.#collector.collected,
    };
  }
}
