import test from 'ava';
import { NO_BALLOT } from '../../src/core/ballot.js';
import { LARGE_VALUE_BYTES } from '../../src/core/defaults.js';
import { NO_VERSION } from '../../src/core/version.js';
import type { PeerReply } from '../../src/core/peer-message.js';
import { ReceiptShapes } from '../../src/core/receipt.js';
import type { Reply } from '../../src/core/request.js';
import { State } from '../../src/core/state.js';
import { InboundAnswers, InboundFrame } from '../../src/node/inbound-frame.js';
import type { ReplyFrame } from '../../src/ports/peers.js';
import { ballotAt, stateWith } from '../core/operations.js';
import { Timeline } from './timeline.js';

const ACCEPTED: PeerReply = { kind: 'accepted' };
const SAME: PeerReply = { kind: 'same' };
const NACK: PeerReply = { kind: 'nack', promised: ballotAt(2), accepted: ballotAt(1) };

function frame(size: number): { inbound: InboundFrame; sent: ReplyFrame[]; timeline: Timeline } {
  const timeline = new Timeline();
  const sent: ReplyFrame[] = [];
  const inbound = new InboundFrame(7, size, (reply) => sent.push(reply), timeline.clock());
  return { inbound, sent, timeline };
}

for (const reply of [ACCEPTED, SAME] as const) {
  test(`when every message is answered ${reply.kind}, one small frame says so at once`, (t) => {
    const { inbound, sent } = frame(3);
    for (let index = 0; index < 3; index += 1) inbound.onReply(index, 'n1', reply);
    t.deepEqual(sent, [{ kind: 'uniform', to: 7, bulk: false, indexes: null, reply: reply.kind }]);
  });
}

test('answers that differ are sent in as few frames as there are kinds', (t) => {
  const { inbound, sent } = frame(4);
  inbound.onReply(0, 'n1', ACCEPTED);
  inbound.onReply(1, 'n1', NACK);
  inbound.onReply(2, 'n1', ACCEPTED);
  inbound.onReply(3, 'n1', SAME);
  t.deepEqual(sent, [
    { kind: 'uniform', to: 7, bulk: false, indexes: [0, 2], reply: 'accepted' },
    { kind: 'uniform', to: 7, bulk: false, indexes: [3], reply: 'same' },
    { kind: 'replies', to: 7, bulk: false, indexes: [1], replies: [NACK] },
  ]);
});

test('what is there at the end of a turn is sent; the rest follows', (t) => {
  const { inbound, sent, timeline } = frame(2);
  inbound.onReply(1, 'n1', ACCEPTED);
  t.deepEqual(sent, []);
  timeline.settle();
  t.deepEqual(sent, [{ kind: 'uniform', to: 7, bulk: false, indexes: [1], reply: 'accepted' }]);
  inbound.onReply(0, 'n1', ACCEPTED);
  timeline.settle();
  t.deepEqual(sent.slice(1), [{ kind: 'uniform', to: 7, bulk: false, indexes: [0], reply: 'accepted' }]);
});

test('states with large values travel on the bulk stream', (t) => {
  const { inbound, sent } = frame(2);
  const large = stateWith(State.absent(0), { value: new Uint8Array(LARGE_VALUE_BYTES + 1) });
  const small = stateWith(State.absent(0), { value: new Uint8Array(LARGE_VALUE_BYTES) });
  inbound.onReply(0, 'n1', { kind: 'found', accepted: ballotAt(1), state: large });
  inbound.onReply(1, 'n1', { kind: 'found', accepted: ballotAt(1), state: small });
  t.deepEqual(
    sent.map((reply) => reply.kind === 'replies' && [reply.bulk, ...reply.indexes]),
    [
      [false, 1],
      [true, 0],
    ],
  );
});

function value(bytes: number): Reply {
  const receipt = new ReceiptShapes('PC/EC', 'n1').of(['n1'], {
    operation: 'get',
    level: 'ONE',
    guarantee: 'eventual',
    required: 1,
    answered: 1,
    unreachable: 0,
    durableCopies: 1,
    rounds: 0,
  });
  const read = { value: new Uint8Array(bytes), encoding: 'bytes', version: NO_VERSION, accepted: NO_BALLOT } as const;
  return { kind: 'value', ...read, receipt, serverMicros: 1 };
}

test('forwarded answers of one turn share a frame; large values go alone, at once', (t) => {
  const timeline = new Timeline();
  const sent: ReplyFrame[] = [];
  const inbound = new InboundAnswers(9, 'forwarded', (reply) => sent.push(reply), timeline.clock());
  inbound.reply(0, value(10));
  inbound.reply(1, value(LARGE_VALUE_BYTES + 1));
  inbound.reply(2, value(20));
  t.deepEqual(
    sent.map((reply) => reply.kind === 'forwarded' && [reply.bulk, ...reply.indexes]),
    [[true, 1]],
  );
  timeline.settle();
  t.like(sent[1], { kind: 'forwarded', to: 9, bulk: false, indexes: [0, 2] });
  inbound.reply(3, value(10));
  timeline.settle();
  t.like(sent[2], { indexes: [3] });
});
