import test from 'ava';
import { FrameCalls, UNREACHABLE } from '../../src/node/frame-calls.js';
import { RecordingSink } from './sinks.js';

function sent(messages: number, targets: readonly string[] = ['n2', 'n3']): { calls: FrameCalls; sink: RecordingSink } {
  const sink = new RecordingSink();
  const calls = new FrameCalls(targets, 0);
  for (let token = 0; token < messages; token += 1) calls.add(sink, 10 + token);
  calls.sent(1_000);
  return { calls, sink };
}

test('one answer for all messages goes to each with its own token', (t) => {
  const { calls, sink } = sent(2);
  calls.answerAll('n2', { kind: 'accepted' });
  t.deepEqual(sink.lines, ['10 n2 accepted', '11 n2 accepted']);
  t.false(calls.isDone);
  calls.answerAll('n3', { kind: 'same' });
  t.true(calls.isDone);
});

test('answers one by one, in any order, complete a frame', (t) => {
  const { calls, sink } = sent(2, ['n2']);
  calls.answer('n2', 1, { kind: 'same' });
  t.false(calls.isDone);
  calls.answer('n2', 0, { kind: 'accepted' });
  t.true(calls.isDone);
  t.deepEqual(sink.lines, ['11 n2 same', '10 n2 accepted']);
});

test('a lost link makes unreachable what was not answered before', (t) => {
  const { calls, sink } = sent(3, ['n2']);
  calls.answer('n2', 1, { kind: 'same' });
  calls.answerAll('n2', UNREACHABLE);
  t.deepEqual(sink.lines, ['11 n2 same', '10 n2 unreachable', '12 n2 unreachable']);
  t.true(calls.isDone);
});

test('a second answer to one message is ignored, and does not complete the frame', (t) => {
  const { calls, sink } = sent(2, ['n2']);
  calls.answer('n2', 0, { kind: 'same' });
  calls.answer('n2', 0, { kind: 'accepted' });
  t.deepEqual(sink.lines, ['10 n2 same']);
  t.false(calls.isDone);
});

test('answers after the last one are ignored', (t) => {
  const { calls, sink } = sent(1, ['n2']);
  calls.answerAll('n2', { kind: 'same' });
  calls.answerAll('n2', { kind: 'accepted' });
  calls.answer('n2', 0, { kind: 'accepted' });
  t.deepEqual(sink.lines, ['10 n2 same']);
});

test('answers to messages that the frame does not have are ignored', (t) => {
  const { calls, sink } = sent(2, ['n2']);
  for (const index of [-1, 2, 4_096, Number.NaN, Infinity]) calls.answer('n2', index, { kind: 'accepted' });
  t.deepEqual(sink.lines, []);
  t.false(calls.isDone);
});

test('answers of peers that were not asked are ignored', (t) => {
  const { calls, sink } = sent(1, ['n2']);
  calls.answerAll('n3', { kind: 'accepted' });
  calls.answer('n9', 0, { kind: 'accepted' });
  t.deepEqual(sink.lines, []);
});
