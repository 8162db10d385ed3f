import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { unpackMultiple } from 'msgpackr';
import { decodeLinkRequest, encodeLinkHello, encodeRequestFrame } from '../../src/adapters/link-frames.js';
import {
  decodeLinkReply,
  encodeLinkHelloReply,
  encodeReplyFrame,
  replyParts,
} from '../../src/adapters/link-replies.js';
import {
  decodeClientFrame,
  decodeNodeFrame,
  encodeClientHello,
  encodeEcho,
  encodeNodeHello,
  encodeReplies,
  encodeRequests,
} from '../../src/adapters/pipe-frames.js';
import { FRAME_BYTES_LIMIT, FRAME_OPERATIONS_MAX } from '../../src/core/defaults.js';
import { keyProblem } from '../../src/core/limits.js';
import type { PipeRequest } from '../../src/ports/pipe.js';
import { RECEIPT } from '../core/receipts.js';
import {
  comparable,
  echoBatches,
  replyBatches,
  replyFrames,
  requestBatches,
  requestFrames,
} from './arbitrary-frames.js';
import { enveloped, payloadOf } from './envelope.js';

const process = { node: 'n1', incarnation: '0123456789abcdef' };

function same(t: ExecutionContext, decoded: object, frame: object): void {
  t.deepEqual(comparable(decoded), comparable(frame));
}

function getOf(key: string): PipeRequest {
  return { id: 1, request: { kind: 'get', key, level: null, allowStale: false, timeoutMs: 1_000 } };
}

test('requests of clients are decoded as they were encoded', (t) => {
  fc.assert(
    fc.property(requestBatches, (requests) => {
      same(t, decodeClientFrame(encodeRequests(requests)), { kind: 'requests', requests });
    }),
  );
});

test('replies to clients are decoded as they were encoded', (t) => {
  fc.assert(
    fc.property(replyBatches, (replies) => {
      same(t, decodeNodeFrame(encodeReplies(replies, 17)), { kind: 'replies', clock: 17, replies });
    }),
  );
});

test('echoes are decoded as they were encoded, in both directions', (t) => {
  fc.assert(
    fc.property(echoBatches, (echoes) => {
      const frame = encodeEcho(echoes);
      same(t, decodeClientFrame(frame), { kind: 'echo', echoes });
      same(t, decodeNodeFrame(frame), { kind: 'echo', ids: echoes.map((echo) => echo.id) });
    }),
  );
});

test('requests between nodes are decoded as they were encoded', (t) => {
  fc.assert(
    fc.property(requestFrames, (frame) => {
      same(t, decodeLinkRequest(encodeRequestFrame(frame)), frame);
    }),
  );
});

test('answers between nodes are decoded as they were encoded', (t) => {
  fc.assert(
    fc.property(replyFrames, (frame) => {
      same(t, decodeLinkReply(encodeReplyFrame(frame)), frame);
    }),
  );
});

test('hellos are decoded as they were encoded', (t) => {
  const client = { client: process, pipe: 3, bulk: true };
  const nodes = [{ id: 'n1', address: '127.0.0.1:7401' }];
  const node = {
    cluster: 'größer',
    process,
    policy: 'PA/EC' as const,
    policyEpoch: 7,
    replicas: 3,
    nodes,
    clock: 1_700_000_000_000_000,
  };
  const disk = { folder: 'f', starts: 3, incarnation: process.incarnation };
  const epochs = { policy: 1, config: 2 };
  const link = { cluster: 'c', process, epochs, to: 'n2', link: 9, bulk: false, disk, remembers: null };
  const known = { ...link, remembers: { ...disk, starts: 2 } };
  t.deepEqual(decodeLinkRequest(encodeLinkHello(known)), { kind: 'hello', hello: known });
  t.deepEqual(decodeClientFrame(encodeClientHello(client)), { kind: 'hello', hello: client });
  t.deepEqual(decodeNodeFrame(encodeNodeHello(node)), { kind: 'hello', hello: node });
  t.deepEqual(decodeLinkRequest(encodeLinkHello(link)), { kind: 'hello', hello: link });
  t.deepEqual(decodeLinkReply(encodeLinkHelloReply(link)), { kind: 'hello', hello: link });
});

test('a frame is MessagePack, readable by any other reader', (t) => {
  const items: unknown = unpackMultiple(payloadOf(encodeRequests([getOf('greeting')])));
  t.true(Array.isArray(items) && items.length > 4);
  t.true(JSON.stringify(items).includes(JSON.stringify([...Buffer.from('greeting')])));
});

test('a frame grows past the buffer it was begun in', (t) => {
  const echoes = Array.from({ length: 300 }, (_, id) => ({ id, key: `k${id}`, value: new Uint8Array(5_000).fill(id) }));
  same(t, decodeClientFrame(encodeEcho(echoes)), { kind: 'echo', echoes });
  t.deepEqual(decodeNodeFrame(encodeEcho([])), { kind: 'echo', ids: [] });
});

test('frames of every size follow one another', (t) => {
  for (const size of [1, 250_000, 10, 262_000, 700_000, 500_000, 700_000, 3_000_000, 5]) {
    const echoes = [{ id: size, key: 'k', value: new Uint8Array(size).fill(size) }];
    same(t, decodeClientFrame(encodeEcho(echoes)), { kind: 'echo', echoes });
  }
});

test('frames that wait to be sent are not written over by later ones', (t) => {
  const frames = Array.from({ length: 2_000 }, (_, id) => encodeRequests([{ ...getOf(`key ${id}`), id }]));
  frames.forEach((frame, id) => {
    t.like(decodeClientFrame(frame), { requests: [{ id, request: { key: `key ${id}` } }] });
  });
});

test('a value that is kept does not keep its frame', (t) => {
  const echoes = Array.from({ length: 200 }, (_, id) => ({ id, key: 'k', value: new Uint8Array(4_000) }));
  const frame = decodeClientFrame(encodeEcho(echoes));
  if (frame.kind !== 'echo') return t.fail();
  for (const { value } of frame.echoes) t.true(value.buffer.byteLength <= 8 * 1024);
});

test('a key that is not UTF-8 is named as such, and its neighbours are not harmed', (t) => {
  const payload = payloadOf(encodeRequests([getOf('aaaa'), getOf('bbbb'), getOf('c�c')]));
  payload[payload.indexOf('bbbb') + 1] = 0xff;
  const frame = decodeClientFrame(enveloped(payload));
  if (frame.kind !== 'requests') return t.fail();
  const problems = frame.requests.map(({ request }) => keyProblem(request.kind === 'get' ? request.key : ''));
  t.is(problems[0], undefined);
  t.regex(problems[1] ?? '', /valid Unicode/);
  t.is(problems[2], undefined);
});

test('halves of a surrogate pair at a seam do not join up', (t) => {
  const keys = ['a\ud83d', '\ude00b', 'plain'];
  const frame = decodeClientFrame(encodeRequests(keys.map(getOf)));
  if (frame.kind !== 'requests') return t.fail();
  t.deepEqual(
    frame.requests.map(({ request }) => (request.kind === 'get' ? request.key : '')),
    ['a�', '�b', 'plain'],
  );
});

test('answers that are too much for one frame go in several, each naming its messages', (t) => {
  const value = new Uint8Array(700_000);
  const frame = {
    kind: 'forwarded' as const,
    to: 5,
    bulk: true,
    indexes: [9, 4, 7],
    replies: [9, 4, 7].map((serverMicros) => ({
      kind: 'value' as const,
      value,
      encoding: 'bytes' as const,
      version: { time: 1, incarnation: process.incarnation, sub: 0, index: 0 },
      accepted: { time: 1, ...process, sub: 0 },
      receipt: RECEIPT,
      serverMicros,
    })),
  };
  const parts = replyParts(frame);
  t.is(parts.length, 3);
  t.deepEqual(
    parts.flatMap((part) =>
      part.kind === 'forwarded' ? part.indexes.map((index, i) => [index, part.replies[i]]) : [],
    ),
    frame.indexes.map((index, i) => [index, frame.replies[i]]),
  );
  for (const part of parts) t.true(encodeReplyFrame(part).length < FRAME_BYTES_LIMIT);
});

test('a full frame of the smallest answer is small', (t) => {
  const uniform = encodeReplyFrame({ kind: 'uniform', to: 1, bulk: false, indexes: null, reply: 'accepted' });
  t.true(uniform.length < 20);
  const requests = Array.from({ length: FRAME_OPERATIONS_MAX }, (_, id) => ({ ...getOf('k'), id }));
  t.true(encodeRequests(requests).length < FRAME_OPERATIONS_MAX * 6);
});
