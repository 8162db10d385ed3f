/**
 * Forgets deletions that every home replica holds and that are old enough (PROTOCOL.md rule 17). The first home replica
 * of a key does it for the others, only while all of them can be reached.
 */
import type { Ballot, Micros } from '../core/ballot.js';
import { collectable, inspect } from '../core/collection.js';
import { COLLECT_BATCH, COLLECT_PERIOD_MS } from '../core/defaults.js';
import type { Inspection } from '../core/repair-message.js';
import type { Ring } from '../core/ring.js';
import type { Timer } from '../ports/clock.js';
import type { Store } from '../ports/store.js';
import { askOnce } from './ask-once.js';
import type { RecordChange } from './replica.js';
import type { Tools } from './tools.js';

export interface TombstoneCollectorParts {
  readonly tools: Tools;
  readonly ring: Ring;
  readonly store: Store;
  /** Nothing younger is collected. */
  readonly graceMs: number;
}

const NOTHING = new Uint8Array(0);

export class TombstoneCollector {
  readonly #parts: TombstoneCollectorParts;
  #timer: Timer | undefined;
  #stopped = false;
  /** Tombstones this node has had removed everywhere since its start. */
  collected = 0;

  constructor(parts: TombstoneCollectorParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = this.#parts.tools.clock.setTimer(COLLECT_PERIOD_MS, () => {
      this.#run('');
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** In the turn in which a record changes: which keys are deleted is noted in the same batch. */
  changed({ key, before, after }: RecordChange): void {
    const was = before.state?.hasValue === false;
    const is = after.state?.hasValue === false;
    if (was !== is) this.#parts.tools.replica.note({ space: 'tombstone', name: key, bytes: is ? NOTHING : null });
  }

  /** Also for a key with nothing but a promise. `done` is told whether all home replicas have forgotten it. */
  collect(key: string, done: (collected: boolean) => void): void {
    const { tools, ring, graceMs } = this.#parts;
    const { replica, clock, self } = tools;
    const homes = ring.homeReplicas(key);
    const before = clock.physicalMicros() - graceMs * 1_000;
    replica.durable(key, (record) => {
      const own = inspect(record);
      if (!homes.includes(self.node) || collectable([own], 1, before) === undefined) {
        done(false);
        return;
      }
      const others = homes.filter((home) => home !== self.node);
      this.#inspectAll(key, others, (found) => {
        const accepted = collectable([own, ...found], homes.length, before);
        if (accepted === undefined) done(false);
        else this.#removeAll(key, others, accepted, before, done);
      });
    });
  }

  #run(after: string): void {
    const { store, tools } = this.#parts;
    store.notes('tombstone', '', after, COLLECT_BATCH, (error, notes) => {
      if (this.#stopped) return;
      if (error !== null) tools.log.warn({ error: error.message }, 'tombstones cannot be listed');
      let left = notes.length;
      const next = (): void => {
        if (this.#stopped) return;
        if (notes.length === COLLECT_BATCH) this.#run(notes.at(-1)!.name);
        else this.start();
      };
      if (left === 0) next();
      for (const { name } of notes) {
        this.#collectIfFirst(name, () => {
          left -= 1;
          if (left === 0) next();
        });
      }
    });
  }

  #collectIfFirst(key: string, done: () => void): void {
    const { tools, ring } = this.#parts;
    const homes = ring.homeReplicas(key);
    const { node } = tools.self;
    if (homes[0] !== node || !homes.every((home) => home === node || tools.links.reachable(home))) {
      done();
      return;
    }
    this.collect(key, (collected) => {
      if (collected) this.collected += 1;
      done();
    });
  }

  #inspectAll(key: string, others: readonly string[], done: (found: readonly Inspection[]) => void): void {
    const found: Inspection[] = [];
    let left = others.length;
    if (left === 0) done(found);
    for (const peer of others) {
      askOnce(this.#parts.tools, { peer, repair: { kind: 'inspect', key } }, (reply) => {
        if (reply?.kind === 'repaired' && reply.reply.kind === 'inspected') found.push(reply.reply);
        left -= 1;
        if (left === 0) done(found);
      });
    }
  }

  #removeAll(
    key: string,
    others: readonly string[],
    accepted: Ballot,
    before: Micros,
    done: (collected: boolean) => void,
  ): void {
    let left = others.length + 1;
    let removed = 0;
    const ended = (isRemoved: boolean): void => {
      left -= 1;
      if (isRemoved) removed += 1;
      if (left === 0) done(removed === others.length + 1);
    };
    for (const peer of others) {
      askOnce(this.#parts.tools, { peer, repair: { kind: 'collect', key, accepted, before } }, (reply) => {
        ended(reply?.kind === 'repaired' && reply.reply.kind === 'collected' && reply.reply.removed);
      });
    }
    this.#parts.tools.replica.collect(key, accepted, before, ended);
  }
}
