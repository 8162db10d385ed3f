/**
 * Keeps this node's Merkle trees: built by one scan of the store after the start, kept up to date by every write from
 * the first on (core/merkle-forest). Beside the records the store lists each key by its place in the trees, so that
 * the keys of a leaf are found without a scan.
 */
import { isNone, type Ballot } from '../core/ballot.js';
import { MerkleForest } from '../core/merkle-forest.js';
import { keyOfPlaceName, leafNames, placeName } from '../core/merkle-hash.js';
import type { KeyBallot } from '../core/merkle-leaf.js';
import { groupName } from '../core/merkle-forest.js';
import type { Ring } from '../core/ring.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Store } from '../ports/store.js';
import { fewAtOnce } from './few-at-once.js';
import type { RecordChange, Replica } from './replica.js';

export interface TreeKeeperParts {
  readonly self: string;
  readonly ring: Ring;
  readonly store: Store;
  readonly replica: Replica;
  readonly clock: Clock;
  readonly log: Log;
}

/** Records read together while the trees are built; requests are served between two of these. */
const SCAN_PAGE = 512;
/** Leaves that are looked up together: what requests need of the disk waits for no more. */
const LEAVES_READ_AT_ONCE = 16;
const LEAF_KEYS_MAX = 10_000;
const NOTHING = new Uint8Array(0);

export class TreeKeeper {
  readonly forest: MerkleForest;
  readonly #parts: TreeKeeperParts;
  #stopped = false;
  #scanned = 0;

  constructor(parts: TreeKeeperParts) {
    this.#parts = parts;
    this.forest = new MerkleForest(parts.self);
  }

  get scanned(): number {
    return this.#scanned;
  }

  start(onComplete: () => void): void {
    this.#scan('', onComplete);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** For every change of a record, in the turn in which it happens. */
  changed({ key, before, after }: RecordChange): void {
    const { ring, replica } = this.#parts;
    if (before.accepted === after.accepted) return;
    this.forest.wrote(key, ring.homeReplicas(key), before.accepted, after.accepted);
    if (isNone(before.accepted)) replica.note({ space: 'place', name: placeName(key), bytes: NOTHING });
    else if (isNone(after.accepted)) replica.note({ space: 'place', name: placeName(key), bytes: null });
  }

  /** The keys of these leaves with what is accepted under them now. */
  keysOf(group: string, leaves: readonly number[], done: (keys: readonly KeyBallot[]) => void): void {
    const keys: KeyBallot[] = [];
    fewAtOnce(
      leaves,
      LEAVES_READ_AT_ONCE,
      (leaf, read) => {
        this.#keysOfLeaf(group, leaf, keys, read);
      },
      () => {
        done(keys);
      },
    );
  }

  #keysOfLeaf(group: string, leaf: number, keys: KeyBallot[], done: () => void): void {
    const { store, ring, log } = this.#parts;
    store.notes('place', leafNames(leaf).from, '', LEAF_KEYS_MAX, (error, notes) => {
      if (error !== null) log.warn({ error: error.message }, 'the keys of a leaf cannot be listed');
      const found = notes.map(({ name }) => keyOfPlaceName(name));
      const here = found.filter((key) => groupName(ring.homeReplicas(key)) === group);
      this.#ballotsOf(here, (key, accepted) => keys.push({ key, accepted }), done);
    });
  }

  #ballotsOf(keys: readonly string[], add: (key: string, accepted: Ballot) => void, done: () => void): void {
    let left = keys.length;
    if (left === 0) done();
    for (const key of keys) {
      this.#parts.replica.durable(key, ({ accepted }) => {
        if (!isNone(accepted)) add(key, accepted);
        left -= 1;
        if (left === 0) done();
      });
    }
  }

  #scan(after: string, onComplete: () => void): void {
    const { store, ring, clock, log } = this.#parts;
    store.scan(after, SCAN_PAGE, (error, { entries, more }) => {
      if (this.#stopped) return;
      if (error !== null) {
        log.error({ error: error.message }, 'the store cannot be scanned: this node takes no part in anti-entropy');
        return;
      }
      for (const { key, record } of entries) this.forest.scanned(key, ring.homeReplicas(key), record.accepted);
      this.#scanned += entries.length;
      if (!more) {
        this.forest.scanEnded();
        onComplete();
        return;
      }
      clock.defer(() => {
        this.#scan(entries.at(-1)!.key, onComplete);
      });
    });
  }
}
