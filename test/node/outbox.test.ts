import test from 'ava';
import { FRAME_BYTES_MAX, FRAME_OPERATIONS_MAX, LARGE_VALUE_BYTES } from '../../src/core/defaults.js';
import type { AcceptMessage, ReadMessage } from '../../src/core/peer-message.js';
import { NO_BALLOT } from '../../src/core/ballot.js';
import { State } from '../../src/core/state.js';
import { Outbox, type FrameKind, type LinkMessage } from '../../src/node/outbox.js';
import { ballotAt, stateWith } from '../core/operations.js';
import { RecordingSink } from './sinks.js';

const read = (key = 'k'): ReadMessage => ({ kind: 'read', key, known: NO_BALLOT });
const sink = new RecordingSink();

function accept(valueBytes: number): AcceptMessage {
  const state = stateWith(State.absent(0), { value: new Uint8Array(valueBytes) });
  return { kind: 'accept', key: 'k', ballot: ballotAt(1), state };
}

function filled(messages: readonly (readonly [FrameKind, readonly string[], LinkMessage])[]): Outbox {
  const outbox = new Outbox();
  for (const [kind, targets, message] of messages) outbox.add(kind, targets, message, sink, 0);
  return outbox;
}

test('messages of one kind to the same targets share a frame, in order', (t) => {
  const outbox = filled([
    ['read', ['n2', 'n3'], read('a')],
    ['read', ['n2', 'n3'], read('b')],
  ]);
  const [frame, ...others] = outbox.take();
  t.deepEqual(others, []);
  t.deepEqual(frame?.messages, [read('a'), read('b')]);
  t.deepEqual([...(frame?.calls.targets ?? [])], ['n2', 'n3']);
});

test('kinds, sets of targets and large values go in frames of their own', (t) => {
  const outbox = filled([
    ['read', ['n2'], read()],
    ['read', ['n3'], read()],
    ['read', ['n2', 'n3'], read()],
    ['accept', ['n2'], accept(10)],
    ['accept', ['n2'], accept(LARGE_VALUE_BYTES + 1)],
    ['prepare', ['n2'], { kind: 'prepare', key: 'k', ballot: ballotAt(1) }],
  ]);
  const frames = outbox.take();
  t.deepEqual(frames.map(({ kind, bulk }) => `${kind}${bulk ? ' bulk' : ''}`).sort(), [
    'accept',
    'accept bulk',
    'prepare',
    'read',
    'read',
    'read',
  ]);
});

test('a frame holds no more operations than one turn may work on', (t) => {
  const outbox = new Outbox();
  for (let i = 0; i <= FRAME_OPERATIONS_MAX; i += 1) outbox.add('read', ['n2'], read(`k${i}`), sink, i);
  const frames = outbox.take();
  t.deepEqual(
    frames.map(({ messages }) => messages.length),
    [FRAME_OPERATIONS_MAX, 1],
  );
});

test('a frame is closed once it holds its bytes', (t) => {
  const outbox = new Outbox();
  const each = FRAME_BYTES_MAX / 4;
  for (let i = 0; i < 6; i += 1) outbox.add('accept', ['n2'], accept(each), sink, i);
  t.deepEqual(
    outbox.take().map(({ messages }) => messages.length),
    [4, 2],
  );
});

test('only the first message since the last take says that it is the first', (t) => {
  const outbox = new Outbox();
  t.true(outbox.add('read', ['n2'], read(), sink, 0));
  t.false(outbox.add('accept', ['n3'], accept(1), sink, 0));
  outbox.take();
  t.deepEqual([...outbox.take()], []);
  t.true(outbox.add('read', ['n2'], read(), sink, 0));
});

test('a closed frame is no reason to ask for another flush', (t) => {
  const outbox = new Outbox();
  for (let i = 0; i < FRAME_OPERATIONS_MAX; i += 1) outbox.add('read', ['n2'], read(`k${i}`), sink, i);
  t.false(outbox.add('read', ['n2'], read('last'), sink, 0));
});
