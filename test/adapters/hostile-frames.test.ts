import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { CodecError } from '../../src/adapters/codec-error.js';
import { decodeLinkRequest, encodeRequestFrame } from '../../src/adapters/link-frames.js';
import { decodeLinkReply, encodeReplyFrame } from '../../src/adapters/link-replies.js';
import { decodeClientFrame, decodeNodeFrame, encodeReplies, encodeRequests } from '../../src/adapters/pipe-frames.js';
import { makeOperation } from '../../src/core/operation.js';
import { ReceiptShapes } from '../../src/core/receipt.js';
import { versionOf } from '../../src/core/version.js';
import type { PipeReply } from '../../src/ports/pipe.js';
import { stateOf } from '../conformance/records.js';
import { replyBatches, replyFrames, requestBatches, requestFrames } from './arbitrary-frames.js';
import { mutationOf, mutations } from './arbitrary-records.js';
import { enveloped, payloadOf } from './envelope.js';

type Decode = (frame: Buffer) => unknown;

const DECODERS: readonly Decode[] = [decodeClientFrame, decodeNodeFrame, decodeLinkRequest, decodeLinkReply];
const id = { time: 1_700_000_000_000_000, node: 'n1', incarnation: '0123456789abcdef', sub: 0 };
const FRAME_HEAD = { id: 1, bulk: false, epochs: { policy: 1, config: 1 } };

/** Runs a decoder on anything; the reason where it refused, undefined where it did not. */
function refusalBy(t: ExecutionContext, decode: Decode, frame: Buffer): string | undefined {
  try {
    decode(frame);
    return undefined;
  } catch (error) {
    t.true(error instanceof CodecError, `not a CodecError: ${String(error)}`);
    return String(error);
  }
}

/** One valid frame of each kind, with its decoder. */
const SAMPLES: readonly (readonly [string, Decode, Buffer])[] = [
  ['requests', decodeClientFrame, encodeRequests(sampleRequests())],
  [
    'replies',
    decodeNodeFrame,
    encodeReplies(
      [{ id: 1, reply: { kind: 'keys', keys: ['a', 'ö'], deleted: [{ key: 'b', accepted: id }], through: 'ö' } }],
      5,
    ),
  ],
  ['answers to reads and writes', decodeNodeFrame, encodeReplies(sampleReplies(), 5)],
  [
    'accept',
    decodeLinkRequest,
    encodeRequestFrame({ kind: 'accept', ...FRAME_HEAD, messages: [accept('k1'), accept('k2')] }),
  ],
  [
    'answers',
    decodeLinkReply,
    encodeReplyFrame({
      kind: 'replies',
      to: 1,
      bulk: false,
      indexes: [0, 2],
      replies: [
        { kind: 'found', accepted: id, state: stateOf() },
        { kind: 'alarm', reason: 'why' },
      ],
    }),
  ],
];

for (const [name, decode, frame] of SAMPLES) {
  test(`${name} cut short at any byte are refused with a reason`, (t) => {
    t.is(refusalBy(t, decode, frame), undefined);
    const payload = payloadOf(frame);
    for (let length = 0; length < frame.length; length += 1) t.truthy(refusalBy(t, decode, frame.subarray(0, length)));
    for (let length = 0; length < payload.length; length += 1) {
      t.truthy(refusalBy(t, decode, enveloped(payload.subarray(0, length))), `payload cut at ${length}`);
    }
  });

  test(`${name} with any one byte changed are decoded or refused, nothing else`, (t) => {
    const payload = payloadOf(frame);
    for (let at = 0; at < payload.length; at += 1) {
      for (const bits of [0x01, 0x80, 0xff]) {
        const damaged = Uint8Array.from(payload);
        damaged[at]! ^= bits;
        refusalBy(t, decode, enveloped(damaged));
      }
    }
    t.pass();
  });
}

test('damaged frames of every kind are decoded or refused, by every decoder', (t) => {
  const frames = fc.oneof(
    requestBatches.map(encodeRequests),
    replyBatches.map((batch) => encodeReplies(batch, 1)),
    requestFrames.map(encodeRequestFrame),
    replyFrames.map(encodeReplyFrame),
  );
  fc.assert(
    fc.property(frames, fc.array(mutations, { minLength: 1, maxLength: 4 }), (frame, damage) => {
      const payload = damage.reduce<Uint8Array>(
        (bytes, one) => (bytes.length > 0 ? mutationOf(bytes, one) : bytes),
        payloadOf(frame),
      );
      for (const decode of DECODERS) refusalBy(t, decode, enveloped(payload));
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('bytes that are no frame at all are refused', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const decode of DECODERS) {
        refusalBy(t, decode, Buffer.from(bytes));
        refusalBy(t, decode, enveloped(bytes));
      }
    }),
  );
  for (const decode of DECODERS) t.truthy(refusalBy(t, decode, Buffer.alloc(0)));
});

/** First bytes of a payload that promise what does not follow; 0x02 is a batch for a pipe, 0x04 an accept for a link. */
const LIES: readonly (readonly [string, RegExp, readonly number[]])[] = [
  ['more operations than a frame may hold', /0 to 4096/, [0x02, 0xcb, 0x41, 0xf0, 0, 0, 0, 0, 0, 0]],
  ['a count that is not a number', /not finite/, [0x02, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
  ['a column of four gigabytes', /ends in the middle|bytes where/, [0x02, 0x01, 0xc6, 0xff, 0xff, 0xff, 0xff]],
  ['an array of four thousand million items', /0xdd/, [0x02, 0x01, 0xdd, 0xff, 0xff, 0xff, 0xff]],
  ['a map', /0x8f/, [0x02, 0x8f]],
  ['an extension type', /0xc9/, [0x02, 0xc9, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ['a record definition of msgpackr', /0xd4/, [0x02, 0xd4, 0x72, 0x40]],
  ['an unknown kind of frame', /0 to/, [0x7f]],
];

for (const [name, reason, bytes] of LIES) {
  test(`a frame with ${name} is refused at once`, (t) => {
    t.regex(refusalBy(t, decodeClientFrame, enveloped(Uint8Array.from(bytes))) ?? 'decoded', reason);
  });
}

test('deep nesting is refused without being followed', (t) => {
  for (const decode of DECODERS) t.truthy(refusalBy(t, decode, enveloped(new Uint8Array(100_000).fill(0x91))));
});

test('an envelope that lies about its payload is refused', (t) => {
  const frame = encodeRequests(sampleRequests());
  t.regex(refusalBy(t, decodeClientFrame, Buffer.concat([frame, Buffer.of(0)])) ?? '', /length of the payload/);
  t.regex(
    refusalBy(t, decodeClientFrame, Buffer.from([0x0a, ...new Array<number>(9).fill(0xff)])) ?? '',
    /does not end/,
  );
  t.regex(refusalBy(t, decodeClientFrame, Buffer.from([0x12, 0x00])) ?? '', /not a Frame/);
});

test('malformed ballots are refused: no time, no node, a time beyond the cap, an incarnation that is none', (t) => {
  for (const wrong of [
    { time: 0 },
    { node: '' },
    { time: 9e15 },
    { time: 1.5 },
    { incarnation: 'xyz' },
    { time: -5 },
  ]) {
    const frame = encodeRequestFrame({
      kind: 'prepare',
      ...FRAME_HEAD,
      messages: [{ kind: 'prepare', key: 'k', ballot: { ...id, ...wrong } }],
    });
    t.truthy(refusalBy(t, decodeLinkRequest, frame), JSON.stringify(wrong));
  }
});

test('a peer that sends a key or a value beyond the limits is refused', (t) => {
  const long = {
    kind: 'read' as const,
    ...FRAME_HEAD,
    messages: [{ kind: 'read' as const, key: 'k'.repeat(1_025), known: id }],
  };
  t.regex(refusalBy(t, decodeLinkRequest, encodeRequestFrame(long)) ?? '', /1025/);
  const value = new Uint8Array(1024 * 1024 + 1);
  const large = { kind: 'accept' as const, ...FRAME_HEAD, messages: [{ ...accept('k'), state: stateOf({ value }) }] };
  t.regex(refusalBy(t, decodeLinkRequest, encodeRequestFrame(large)) ?? '', /1048577/);
});

test('a state without the ballot it was accepted under is refused', (t) => {
  const none = { time: 0, node: '', incarnation: '', sub: 0 };
  const found = { kind: 'found' as const, accepted: none, state: stateOf() };
  const frame = encodeReplyFrame({ kind: 'replies', to: 1, bulk: false, indexes: [0], replies: [found] });
  t.regex(refusalBy(t, decodeLinkReply, frame) ?? '', /without its ballot/);
});

function sampleReplies(): PipeReply[] {
  const version = { time: 5, incarnation: id.incarnation, sub: 1, index: 2 };
  const receipt = new ReceiptShapes('PC/EL', 'n1').of(['n1'], {
    operation: 'get',
    level: 'ONE',
    guarantee: 'eventual',
    required: 1,
    answered: 1,
    unreachable: 0,
    durableCopies: 1,
    rounds: 0,
  });
  const read = {
    kind: 'value',
    value: null,
    encoding: 'bytes',
    version,
    accepted: id,
    receipt,
    serverMicros: 3,
  } as const;
  return [
    { id: 1, reply: { ...read, unchanged: 'found', behind: true } },
    { id: 2, reply: { ...read, value: new Uint8Array(9), version: versionOf(id, 0) } },
    { id: 3, reply: { kind: 'mutated', version, accepted: id, existed: true, receipt, serverMicros: 3 } },
  ];
}

test('an answer that says what it leaves out in two ways is refused', (t) => {
  const [unchanged] = sampleReplies();
  const payload = Uint8Array.from(payloadOf(encodeReplies([unchanged!], 5)));
  // 0x74: a value, which the key has, not sent again, behind the session and with a version of its own.
  const at = payload.indexOf(0x74);
  t.true(at > 0);
  t.is(refusalBy(t, decodeNodeFrame, enveloped(payload)), undefined);
  payload[at]! |= 0x08;
  t.regex(refusalBy(t, decodeNodeFrame, enveloped(payload)) ?? '', /the encoding of a value that is not sent/);
});

test('only a read may name a version that it knows', (t) => {
  const known = { time: 5, incarnation: id.incarnation, sub: 1, index: 2 };
  const read = { kind: 'get', key: 'k', level: null, allowStale: false, timeoutMs: 9 } as const;
  const both = [{ ...read, known }, read].map((request, index) => ({ id: index, request }));
  const payload = Uint8Array.from(payloadOf(encodeRequests(both)));
  const at = payload.indexOf(0x20);
  t.true(at > 0, 'the second byte of its bits');
  payload[at - 1]! |= 0x03;
  t.regex(refusalBy(t, decodeClientFrame, enveloped(payload)) ?? '', /contradict each other/);
});

function accept(key: string): { kind: 'accept'; key: string; ballot: typeof id; state: ReturnType<typeof stateOf> } {
  return { kind: 'accept', key, ballot: id, state: stateOf() };
}

function sampleRequests(): Parameters<typeof encodeRequests>[0] {
  const version = { time: 5, incarnation: id.incarnation, sub: 1, index: 2 };
  const put = {
    kind: 'put' as const,
    value: new Uint8Array(9),
    encoding: 'bytes' as const,
    ttlMs: 60_000,
    expect: version,
  };
  return [
    { id: 7, request: { kind: 'get', key: 'one', level: 'ONE', allowStale: true, known: version, timeoutMs: 5 } },
    {
      id: 8,
      request: {
        kind: 'get',
        key: 'two',
        level: 'ONE',
        allowStale: false,
        after: { accepted: id, version },
        timeoutMs: 5,
      },
    },
    {
      id: 9,
      request: {
        kind: 'mutate',
        key: 'zwölf',
        level: null,
        operation: makeOperation(id, 'blind', put),
        name: 'n',
        timeoutMs: 9,
      },
    },
    { id: 10, request: { kind: 'list', from: 'a', to: 'ö', reverse: true, limit: 10, timeoutMs: 9 } },
  ];
}
