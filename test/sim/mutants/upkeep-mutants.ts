/** Planted bugs in what a cluster does to itself: tombstone collection, repair, changes of the policy. */
import type { Mutant } from './mutant.js';

export const UPKEEP_MUTANTS: readonly Mutant[] = [
  {
    name: 'collection without floor',
    file: 'node/replica',
    find: 'this.#floor = maxBallot(this.#floor, floor); this.#commit.addNote(floorNote(this.#floor));',
    by: '',
  },
  {
    name: 'floor that forgets promised',
    file: 'core/collection',
    find: 'const top = highest(record);',
    by: 'const top = record.accepted;',
  },
  {
    name: 'maxOpTime left out of the floor',
    file: 'core/collection',
    find: 'return record.maxOpTime > top.time ?',
    by: 'return false ?',
  },
  {
    name: 'F forgotten where only a promise is left',
    file: 'core/register',
    find: 'if (!isNone(record.accepted) || isNone(floor)) return record;',
    by: 'if (!isNone(record.accepted) || isNone(floor)) return record; if (compareBallots(record.promised, floor) > 0) return { ...record, maxOpTime: 0 };',
  },
  {
    name: 'collection without asking all replicas',
    file: 'core/collection',
    find: 'replicas.length < count',
    by: 'replicas.length < 2',
  },
  {
    name: 'seed below the floor',
    file: 'core/adoption',
    find: 'maxBallot(best.accepted, floor)',
    by: 'best.accepted',
  },
  {
    name: 'repair that gives up at a promise',
    file: 'node/key-mender',
    find: "if (reply?.kind !== 'nack' ||",
    by: "if (reply?.kind !== 'never' ||",
  },
  {
    name: 'policy strengthened without a barrier',
    file: 'node/policy-keeper',
    find: 'settled: !hasBarrier',
    by: 'settled: true',
  },
  {
    name: 'frames of another epoch are answered',
    file: 'node/peer-links',
    find: 'const current = frame.epochs.policy === epochs.policy && frame.epochs.config === epochs.config;',
    by: 'const current = true;',
  },
  {
    name: 'an epoch told before it is durable',
    file: 'node/policy-keeper',
    find: 'this.#parts.tools.replica.whenWritten(() => { answer(held); });',
    by: 'answer(held);',
  },
];
