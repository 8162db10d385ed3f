/** Random frames of every kind, as the codecs are handed them. */
import fc from 'fast-check';
import { encodeState } from '../../src/adapters/state-codec.js';
import { NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import { ERROR_CODES, type ErrorDetails } from '../../src/core/errors.js';
import { LEVELS } from '../../src/core/level.js';
import { ACCEPTED, SAME, type PeerReply } from '../../src/core/peer-message.js';
import { POLICIES } from '../../src/core/policy.js';
import { GUARANTEES, OPERATION_KINDS, type ReceiptShape } from '../../src/core/receipt.js';
import type { Reply, Request } from '../../src/core/request.js';
import { NO_VERSION, versionOf, type Version } from '../../src/core/version.js';
import type { Heartbeat, ReplyFrame, RequestFrame } from '../../src/ports/peers.js';
import type { PipeReply, PipeRequest } from '../../src/ports/pipe.js';
import { ballots, states } from './arbitrary-records.js';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const count = fc.integer({ min: 0, max: 255 });
const keys = fc.oneof(
  fc.stringMatching(/^[ -~]{1,40}$/),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((key) => key.isWellFormed()),
);
const values = fc.uint8Array({ maxLength: 300 });
const encodings = fc.constantFrom('bytes' as const, 'msgpack' as const);
const levels = fc.option(fc.constantFrom(...LEVELS));
const timeoutMs = fc.oneof(fc.constant(1_000), uint32);
const names = ballots.map((ballot) => ballot.node);
const versions: fc.Arbitrary<Version> = fc
  .tuple(ballots, fc.integer({ min: 0, max: 0xffff }))
  .map(([{ time, incarnation, sub }, index]) => ({ time, incarnation, sub, index }));
const ballotsOrNone: fc.Arbitrary<Ballot> = fc.oneof(ballots, fc.constant(NO_BALLOT));
const expectations = fc.oneof(fc.constant(null), fc.constant('absent' as const), versions);
const mutations = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    value: values,
    encoding: encodings,
    ttlMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 8_000_000_000_000 })),
    expect: expectations,
  }),
  fc.record({ kind: fc.constant('delete' as const), expect: expectations }),
);
const operations = fc.record({
  id: ballots.map((ballot) => ({ ...ballot, sub: 0 })),
  form: fc.constantFrom('consensus' as const, 'blind' as const, 'latency' as const),
  mutation: mutations,
  fingerprint: uint32,
});

export const requests: fc.Arbitrary<Request> = fc.oneof(
  fc.record({
    kind: fc.constant('get' as const),
    key: keys,
    level: levels,
    allowStale: fc.boolean(),
    known: fc.option(versions, { nil: undefined }),
    after: fc.option(fc.record({ accepted: ballots, version: versions }), { nil: undefined }),
    timeoutMs,
  }),
  fc.record({
    kind: fc.constant('mutate' as const),
    key: keys,
    level: levels,
    operation: operations,
    name: fc.option(keys),
    above: fc.option(ballots, { nil: undefined }),
    timeoutMs,
  }),
  fc.record({
    kind: fc.constant('list' as const),
    from: fc.oneof(fc.constant(''), keys),
    to: fc.oneof(fc.constant(''), keys),
    reverse: fc.boolean(),
    limit: uint32,
    timeoutMs,
  }),
);

const receipts: fc.Arbitrary<ReceiptShape> = fc.record({
  operation: fc.constantFrom(...OPERATION_KINDS),
  level: fc.constantFrom(...LEVELS),
  policy: fc.constantFrom(...POLICIES),
  guarantee: fc.constantFrom(...GUARANTEES),
  acks: count,
  required: count,
  replicas: fc.array(names, { maxLength: 3 }),
  missing: fc.array(names, { maxLength: 3 }),
  hinted: count,
  degraded: fc.boolean(),
  durableCopies: count,
  rounds: count,
  coordinator: names,
  replayed: fc.boolean(),
  superseded: fc.boolean(),
});
const errors: fc.Arbitrary<ErrorDetails> = fc.record({
  code: fc.constantFrom(...ERROR_CODES),
  message: fc.string({ unit: 'grapheme', maxLength: 60 }),
  definite: fc.boolean(),
  required: fc.option(count, { nil: undefined }),
  received: fc.option(count, { nil: undefined }),
  missing: fc.option(fc.array(names, { maxLength: 3 }), { nil: undefined }),
  retryable: fc.boolean(),
  retryAfterMs: fc.option(uint32, { nil: undefined }),
  floor: fc.option(
    ballots.map((ballot) => ballot.time),
    { nil: undefined },
  ),
});

/** Most answers are of the ballot that created their version; none goes with no version. */
const standings: fc.Arbitrary<{ version: Version; accepted: Ballot }> = fc.oneof(
  ballots.map((accepted) => ({ accepted, version: versionOf(accepted, 0) })),
  fc.record({ accepted: ballotsOrNone, version: versions }),
  fc.record({ accepted: ballotsOrNone, version: fc.constant(NO_VERSION) }),
);

export const replies: fc.Arbitrary<Reply> = fc.oneof(
  fc
    .record({
      kind: fc.constant('value' as const),
      value: fc.option(values),
      encoding: encodings,
      standing: standings,
      unchanged: fc.option(fc.constantFrom('found' as const, 'absent' as const), { nil: undefined }),
      behind: fc.constantFrom(undefined, true as const),
      receipt: receipts,
      serverMicros: uint32,
    })
    .map(({ standing, ...reply }) => {
      const value = reply.unchanged === undefined ? reply.value : null;
      return { ...reply, ...standing, value, encoding: value === null ? ('bytes' as const) : reply.encoding };
    }),
  fc
    .record({
      kind: fc.constant('mutated' as const),
      standing: standings,
      existed: fc.option(fc.boolean()),
      receipt: receipts,
      serverMicros: uint32,
    })
    .map(({ standing, ...reply }) => ({ ...reply, ...standing })),
  fc.record({
    kind: fc.constant('keys' as const),
    keys: fc.array(keys, { maxLength: 5 }),
    deleted: fc.array(fc.record({ key: keys, accepted: ballots }), { maxLength: 5 }),
    through: fc.option(keys),
  }),
  fc.record({ kind: fc.constant('error' as const), error: errors }),
  fc.record({ kind: fc.constant('error' as const), error: errors, version: versions }),
  fc.record({
    kind: fc.constant('error' as const),
    error: errors,
    version: versions,
    existed: fc.boolean(),
    receipt: receipts,
    accepted: ballotsOrNone,
    serverMicros: uint32,
  }),
);

const ids = fc.oneof(
  fc.constant(undefined),
  fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { minLength: 40, maxLength: 40 }),
);

/** Numbered one after the other, as clients do, or at random. */
function numbered<T, R>(items: fc.Arbitrary<T>, join: (id: number, item: T) => R): fc.Arbitrary<R[]> {
  return fc
    .tuple(fc.array(items, { maxLength: 40 }), ids, uint32)
    .map(([list, given, first]) => list.map((item, i) => join(given?.[i] ?? first + i, item)));
}

export const requestBatches: fc.Arbitrary<PipeRequest[]> = numbered(requests, (id, request) => ({ id, request }));
export const replyBatches: fc.Arbitrary<PipeReply[]> = numbered(replies, (id, reply) => ({ id, reply }));
export const echoBatches = numbered(fc.tuple(keys, values), (id, [key, value]) => ({ id, key, value }));

const head = {
  id: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  bulk: fc.boolean(),
  epochs: fc.record({ policy: uint32, config: uint32 }),
};
const prepare = fc.record({ kind: fc.constant('prepare' as const), key: keys, ballot: ballots });
const accept = fc.record({ kind: fc.constant('accept' as const), key: keys, ballot: ballots, state: states });
const read = fc.record({ kind: fc.constant('read' as const), key: keys, known: ballotsOrNone });

export const requestFrames: fc.Arbitrary<RequestFrame | Heartbeat> = fc.oneof(
  fc.record({ kind: fc.constant('prepare' as const), ...head, messages: fc.array(prepare, { maxLength: 20 }) }),
  fc.record({ kind: fc.constant('accept' as const), ...head, messages: fc.array(accept, { maxLength: 20 }) }),
  fc.record({ kind: fc.constant('read' as const), ...head, messages: fc.array(read, { maxLength: 20 }) }),
  fc.record({ kind: fc.constant('forward' as const), ...head, messages: fc.array(requests, { maxLength: 20 }) }),
  fc.record({ kind: fc.constant('heartbeat' as const), sentMs: fc.double({ min: 0, max: 1e9, noNaN: true }) }),
);

const held = fc.oneof(
  fc.record({ accepted: ballots, state: states }),
  fc.constant({ accepted: NO_BALLOT, state: null }),
);
const peerReplies: fc.Arbitrary<PeerReply> = fc.oneof(
  fc.tuple(held, ballots, ballotsOrNone).map(([record, { time, incarnation }, floor]) => ({
    kind: 'promised' as const,
    ...record,
    maxOpTime: time,
    incarnation,
    floor,
  })),
  fc.constant(ACCEPTED),
  fc.constant(SAME),
  held.map((record) => ({ kind: 'found' as const, ...record })),
  fc.tuple(ballotsOrNone, ballotsOrNone).map(([promised, accepted]) => ({ kind: 'nack' as const, promised, accepted })),
  ballots.map(({ time }) => ({ kind: 'skew' as const, clock: time })),
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((reason) => ({ kind: 'alarm' as const, reason })),
  fc
    .constantFrom('OVERLOADED' as const, 'STALE_EPOCH' as const, 'UNAVAILABLE' as const)
    .map((code) => ({ kind: 'refused' as const, code })),
);

const to = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const indexes = fc.uniqueArray(fc.integer({ min: 0, max: 4_095 }), { maxLength: 20 });

/** As many replies as indexes. */
function indexed<T>(items: fc.Arbitrary<T>): fc.Arbitrary<{ indexes: number[]; replies: T[] }> {
  return fc.tuple(indexes, fc.array(items, { minLength: 20, maxLength: 20 })).map(([list, of]) => ({
    indexes: list,
    replies: of.slice(0, list.length),
  }));
}

export const replyFrames: fc.Arbitrary<ReplyFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('uniform' as const),
    to,
    bulk: fc.boolean(),
    indexes: fc.option(indexes),
    reply: fc.constantFrom('accepted' as const, 'same' as const),
  }),
  fc
    .tuple(to, fc.boolean(), indexed(peerReplies))
    .map(([frame, bulk, rest]) => ({ kind: 'replies' as const, to: frame, bulk, ...rest })),
  fc
    .tuple(to, fc.boolean(), indexed(replies))
    .map(([frame, bulk, rest]) => ({ kind: 'forwarded' as const, to: frame, bulk, ...rest })),
  fc.record({
    kind: fc.constant('heartbeat' as const),
    sentMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    clock: to,
  }),
);

/** A frame with its states as bytes: what two frames are compared by. */
export function comparable(frame: object): unknown {
  return JSON.parse(
    JSON.stringify(frame, (name, field: unknown) => {
      if (name === 'state' && field !== null) return hex(encodeState(field as Parameters<typeof encodeState>[0]));
      return field instanceof Uint8Array ? hex(field) : field;
    }),
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
