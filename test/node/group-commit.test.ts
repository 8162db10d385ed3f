import test from 'ava';
import { NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import { emptyRecord } from '../../src/core/register.js';
import { GroupCommit } from '../../src/node/group-commit.js';
import type { Entry } from '../../src/node/register-cache.js';
import { ballotAt } from '../core/operations.js';
import { FakeStore } from './fake-store.js';
import { Timeline } from './timeline.js';

class Bench {
  readonly timeline = new Timeline();
  readonly store = new FakeStore(this.timeline);
  readonly fatal: Error[] = [];
  readonly log: string[] = [];
  readonly commit = new GroupCommit({
    store: this.store,
    floor: () => NO_BALLOT,
    clock: this.timeline.clock(),
    onFatal: (error) => this.fatal.push(error),
  });
  readonly #entries = new Map<string, Entry>();

  /** This key changes; what has to wait for that is logged. */
  change(key: string, promised: Ballot, note: string): void {
    const entry = this.#entries.get(key) ?? { record: emptyRecord(NO_BALLOT), commit: 0, bytes: 0 };
    this.#entries.set(key, entry);
    entry.record = { ...entry.record, promised };
    this.commit.add(key, entry);
    this.wait(key, note);
  }

  wait(key: string, note: string): void {
    this.commit.whenDurable(this.#entries.get(key)!, () => this.log.push(note));
  }

  /** Each batch as its keys with the promised times. */
  get batches(): string[][] {
    return this.store.writes.map(({ records }) => records.map(({ key, record }) => `${key}@${record?.promised.time}`));
  }
}

test('what changes in one turn is written in one batch, once', (t) => {
  const bench = new Bench();
  bench.change('a', ballotAt(1), 'a1');
  bench.change('b', ballotAt(1), 'b1');
  bench.change('a', ballotAt(2), 'a2');
  t.deepEqual(bench.batches, []);
  bench.timeline.settle();
  t.deepEqual(bench.batches, [['a@2', 'b@1']]);
  t.deepEqual(bench.log, ['a1', 'b1', 'a2']);
  t.is(bench.commit.commits, 1);
  t.is(bench.commit.recordsCommitted, 2);
});

test('nothing is answered before the batch that holds it is on disk', (t) => {
  const bench = new Bench();
  bench.store.holdWrites = true;
  bench.change('a', ballotAt(1), 'a1');
  bench.timeline.settle();
  t.is(bench.batches.length, 1);
  t.deepEqual(bench.log, []);
  bench.store.release();
  bench.timeline.settle();
  t.deepEqual(bench.log, ['a1']);
});

test('what changes while a batch is written forms one next batch, of the newest records', (t) => {
  const bench = new Bench();
  bench.store.holdWrites = true;
  bench.change('a', ballotAt(1), 'a1');
  bench.timeline.settle();
  for (const time of [2, 3]) {
    bench.change('a', ballotAt(time), `a${time}`);
    bench.change('b', ballotAt(time), `b${time}`);
    bench.timeline.settle();
  }
  t.is(bench.batches.length, 1);
  bench.store.release();
  bench.timeline.settle();
  t.deepEqual(bench.batches, [['a@1'], ['a@3', 'b@3']]);
  t.deepEqual(bench.log, ['a1']);
  bench.store.release();
  bench.timeline.settle();
  t.deepEqual(bench.log, ['a1', 'a2', 'b2', 'a3', 'b3']);
});

test('who asks while the batch is being written waits for it, and not for the next', (t) => {
  const bench = new Bench();
  bench.store.holdWrites = true;
  bench.change('a', ballotAt(1), 'written');
  bench.timeline.settle();
  bench.wait('a', 'a reader');
  bench.change('b', ballotAt(1), 'later');
  bench.store.release();
  bench.timeline.settle();
  t.deepEqual(bench.log, ['written', 'a reader']);
});

test('a reader of a record that changed again waits for the change', (t) => {
  const bench = new Bench();
  bench.store.holdWrites = true;
  bench.change('a', ballotAt(1), 'first');
  bench.timeline.settle();
  bench.change('a', ballotAt(2), 'second');
  bench.wait('a', 'a reader');
  bench.store.release();
  bench.timeline.settle();
  t.deepEqual(bench.log, ['first']);
  bench.store.release();
  bench.timeline.settle();
  t.deepEqual(bench.log, ['first', 'second', 'a reader']);
});

test('a record that changed while its earlier state was written is not durable when that write ends', (t) => {
  const bench = new Bench();
  bench.store.holdWrites = true;
  bench.change('a', ballotAt(1), 'first');
  bench.timeline.settle();
  bench.change('a', ballotAt(2), 'second');
  bench.store.release();
  bench.timeline.settle();
  bench.wait('a', 'a late reader');
  t.deepEqual(bench.log, ['first']);
  bench.store.release();
  bench.timeline.settle();
  t.deepEqual(bench.log, ['first', 'second', 'a late reader']);
});

test('what is durable is answered at once', (t) => {
  const bench = new Bench();
  bench.change('a', ballotAt(1), 'a1');
  bench.timeline.settle();
  bench.wait('a', 'now');
  t.deepEqual(bench.log, ['a1', 'now']);
});

test('a disk that fails ends the node, and answers nothing, then or later', (t) => {
  const bench = new Bench();
  bench.store.holdWrites = true;
  bench.change('a', ballotAt(1), 'a1');
  bench.timeline.settle();
  bench.change('b', ballotAt(1), 'b1');
  bench.store.failure = new Error('no space left');
  bench.store.release();
  bench.timeline.settle();
  t.deepEqual(
    bench.fatal.map(({ message }) => message),
    ['no space left'],
  );
  bench.store.failure = null;
  bench.store.holdWrites = false;
  bench.change('c', ballotAt(1), 'c1');
  bench.wait('a', 'later');
  bench.timeline.settle();
  t.deepEqual(bench.log, []);
  t.is(bench.batches.length, 1);
});

test('idle is when nothing is left to write', (t) => {
  const bench = new Bench();
  const note = (what: string) => (): void => {
    bench.log.push(what);
  };
  bench.commit.whenIdle(note('idle from the start'));
  bench.store.holdWrites = true;
  bench.change('a', ballotAt(1), 'a1');
  bench.timeline.settle();
  bench.change('b', ballotAt(1), 'b1');
  bench.commit.whenIdle(note('idle'));
  bench.store.release();
  bench.timeline.settle();
  t.deepEqual(bench.log, ['idle from the start', 'a1']);
  bench.store.release();
  bench.timeline.settle();
  t.deepEqual(bench.log, ['idle from the start', 'a1', 'b1', 'idle']);
});
