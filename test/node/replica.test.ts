import test from 'ava';
import { NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import type { PeerMessage } from '../../src/core/peer-message.js';
import { State } from '../../src/core/state.js';
import { Replica, type RecordChange } from '../../src/node/replica.js';
import { ballotAt, bytes, stateWith } from '../core/operations.js';
import { FakeStore } from './fake-store.js';
import { RecordingSink } from './sinks.js';
import { Timeline } from './timeline.js';

const stateOf = (value: string): State => stateWith(State.absent(0), { value: bytes(value) });
const accept = (key: string, ballot: Ballot, value = `v${ballot.time}`): PeerMessage => ({
  kind: 'accept',
  key,
  ballot,
  state: stateOf(value),
});
const prepare = (key: string, ballot: Ballot): PeerMessage => ({ kind: 'prepare', key, ballot });
const read = (key: string, known = NO_BALLOT): PeerMessage => ({ kind: 'read', key, known });

class Bench {
  readonly timeline = new Timeline();
  readonly store = new FakeStore(this.timeline);
  readonly sink = new RecordingSink();
  readonly fatal: Error[] = [];
  readonly alarms: object[] = [];
  readonly changes: RecordChange[] = [];
  readonly late: PeerMessage[] = [];
  onChanged: () => void = () => undefined;
  readonly replica: Replica;

  constructor(cacheBytesMax = 1_000_000) {
    const ignore = (): void => undefined;
    this.replica = new Replica({
      self: { node: 'n1', incarnation: 'a'.repeat(16) },
      clock: this.timeline.clock(),
      store: this.store,
      cacheBytesMax,
      floor: NO_BALLOT,
      onChanged: (change) => {
        this.changes.push(change);
        this.onChanged();
      },
      onLate: (message) => this.late.push(message),
      log: { debug: ignore, info: ignore, warn: ignore, error: (fields) => this.alarms.push(fields) },
      onFatal: (error) => this.fatal.push(error),
    });
  }

  handle(...messages: PeerMessage[]): void {
    for (const message of messages) this.replica.handle(message, this.sink, this.sink.heard.length);
  }

  /** The kinds of the answers so far, those of this call last. */
  after(...messages: PeerMessage[]): string[] {
    this.handle(...messages);
    this.timeline.settle();
    return this.sink.heard.map(({ reply }) => reply.kind);
  }
}

test('an accept is answered only when it is on disk', (t) => {
  const bench = new Bench();
  bench.store.holdWrites = true;
  t.deepEqual(bench.after(accept('k', ballotAt(10))), []);
  bench.store.release();
  t.deepEqual(bench.after(), ['accepted']);
  t.deepEqual(bench.store.records.get('k')?.accepted, ballotAt(10));
});

test('a promise is answered only when it is on disk, with the record it was made on', (t) => {
  const bench = new Bench();
  bench.after(accept('k', ballotAt(10)));
  bench.store.holdWrites = true;
  t.deepEqual(bench.after(prepare('k', ballotAt(20))), ['accepted']);
  bench.store.release();
  bench.timeline.settle();
  t.like(bench.sink.heard[1]?.reply, { kind: 'promised', accepted: ballotAt(10), incarnation: 'a'.repeat(16) });
  t.deepEqual(bench.store.records.get('k')?.promised, ballotAt(20));
});

for (const [what, message, kind] of [
  ['a read', read('k'), 'found'],
  ['a promise', prepare('k', ballotAt(30)), 'promised'],
  ['the answer that a newer write is here', accept('k', ballotAt(5)), 'nack'],
  ['the same accept again', accept('k', ballotAt(10)), 'accepted'],
  ['the refusal of an older prepare', prepare('k', ballotAt(5)), 'nack'],
] as const) {
  test(`${what} waits for the unsynced accept of its key`, (t) => {
    const bench = new Bench();
    bench.store.holdWrites = true;
    t.deepEqual(bench.after(accept('k', ballotAt(10)), message), []);
    for (let batch = 0; batch < 2; batch += 1) {
      bench.store.release();
      bench.timeline.settle();
    }
    t.deepEqual(
      bench.sink.heard.map(({ reply }) => reply.kind),
      ['accepted', kind],
    );
  });
}

test('a refusal by the floor that a collection has just raised waits until the floor is on disk', (t) => {
  const bench = new Bench();
  bench.after(accept('k', ballotAt(10), 'gone'), read('other', ballotAt(1)));
  const tombstone = bench.store.records.get('k')!;
  bench.store.records.set('deleted', { ...tombstone, state: State.absent(0) });
  bench.store.holdWrites = true;
  bench.replica.collect('deleted', ballotAt(10), ballotAt(1_000).time, () => undefined);
  const before = bench.after();
  t.deepEqual(bench.after(accept('other', ballotAt(5))), before);
  bench.store.release();
  t.deepEqual(bench.after(), [...before, 'nack']);
  t.like(bench.sink.heard.at(-1)?.reply, { promised: ballotAt(10), accepted: NO_BALLOT });
});

test('other keys do not wait', (t) => {
  const bench = new Bench();
  bench.store.holdWrites = true;
  t.deepEqual(bench.after(accept('k', ballotAt(10)), read('other', ballotAt(1))), ['found']);
});

test('a read of what the asker has already is answered without the value', (t) => {
  const bench = new Bench();
  bench.after(accept('k', ballotAt(10)));
  t.deepEqual(bench.after(read('k', ballotAt(10)), read('absent')), ['accepted', 'same', 'same']);
});

test('keys that are asked for in one turn are loaded together, each once', (t) => {
  const bench = new Bench();
  bench.after(read('a', ballotAt(1)), read('b', ballotAt(1)), read('a', ballotAt(1)), prepare('c', ballotAt(1)));
  t.deepEqual(bench.store.reads, [['a', 'b', 'c']]);
  t.is(bench.sink.heard.length, 4);
});

test('messages that came while a key was loading are carried out in their order', (t) => {
  const bench = new Bench();
  bench.store.holdReads = true;
  t.deepEqual(bench.after(accept('k', ballotAt(10))), []);
  t.deepEqual(bench.after(accept('k', ballotAt(20)), read('k', ballotAt(20))), []);
  bench.store.release();
  t.deepEqual(bench.after(), ['accepted', 'accepted', 'same']);
  t.is(bench.store.reads.length, 1);
});

test('what is on disk is found again by a replica that begins anew', (t) => {
  const bench = new Bench();
  bench.after(accept('k', ballotAt(10)));
  const restarted = new Bench();
  restarted.store.records.set('k', bench.store.records.get('k')!);
  t.deepEqual(restarted.after(read('k', ballotAt(10)), accept('k', ballotAt(9))), ['same', 'nack']);
});

test('however small the cache, what was accepted and is not on disk yet is not forgotten', (t) => {
  const bench = new Bench(1);
  bench.store.holdWrites = true;
  bench.after(accept('k', ballotAt(10)));
  bench.after(read('a'), read('b'), read('c'), accept('k', ballotAt(5)), read('k', ballotAt(10)));
  for (let batch = 0; batch < 3; batch += 1) {
    bench.store.release();
    bench.timeline.settle();
  }
  const answers = bench.sink.heard.map(({ reply }) => reply.kind).sort();
  t.deepEqual(answers, ['accepted', 'nack', 'same', 'same', 'same', 'same']);
});

test('a key that is dropped and asked for again while its first users are served is not loaded a second time', (t) => {
  const bench = new Bench(1);
  bench.store.holdWrites = true;
  bench.after(accept('dirty', ballotAt(10)));
  bench.replica.newest('k', () => {
    bench.handle(accept('dirty', ballotAt(11)), accept('dirty', ballotAt(12)), prepare('k', ballotAt(15)));
  });
  bench.after(accept('k', ballotAt(20)));
  t.is(bench.store.reads.flat().filter((key) => key === 'k').length, 1);
  for (let batch = 0; batch < 3; batch += 1) {
    bench.store.release();
    bench.timeline.settle();
  }
  const ofPrepare = bench.sink.heard.map(({ reply }) => reply).find(({ kind }) => kind === 'nack');
  t.like(ofPrepare, { promised: ballotAt(20), accepted: ballotAt(20) });
  t.deepEqual(bench.store.records.get('k')?.accepted, ballotAt(20));
});

test('a record that changes stays in the cache, whatever those who hear of it ask for', (t) => {
  const bench = new Bench(1);
  bench.store.holdWrites = true;
  bench.after(accept('dirty', ballotAt(10)));
  bench.onChanged = () => {
    bench.onChanged = () => undefined;
    bench.handle(accept('dirty', ballotAt(11)), accept('dirty', ballotAt(12)));
  };
  bench.after(accept('k', ballotAt(20)));
  bench.after(prepare('k', ballotAt(15)));
  for (let batch = 0; batch < 3; batch += 1) {
    bench.store.release();
    bench.timeline.settle();
  }
  t.true(bench.sink.heard.some(({ reply }) => reply.kind === 'nack' && reply.accepted.time === 20));
});

test('the newest record is seen at once, the durable one when it is durable', (t) => {
  const bench = new Bench();
  bench.after(read('k'));
  bench.store.holdWrites = true;
  bench.handle(accept('k', ballotAt(10)));
  const seen: string[] = [];
  bench.replica.newest('k', ({ accepted }) => seen.push(`newest ${accepted.time}`));
  bench.replica.durable('k', ({ accepted }) => seen.push(`durable ${accepted.time}`));
  bench.timeline.settle();
  t.deepEqual(seen, ['newest 10']);
  bench.store.release();
  bench.timeline.settle();
  t.deepEqual(seen, ['newest 10', 'durable 10']);
});

test('one ballot with two states is refused and logged', (t) => {
  const bench = new Bench();
  t.deepEqual(bench.after(accept('k', ballotAt(10), 'one'), accept('k', ballotAt(10), 'two')), ['accepted', 'alarm']);
  t.like(bench.alarms[0], { key: 'k' });
});

test('a disk that cannot be read ends the node and answers nothing', (t) => {
  const bench = new Bench();
  bench.store.failure = new Error('input/output error');
  t.deepEqual(bench.after(read('k')), []);
  t.is(bench.fatal.length, 1);
});
