/** The background messages between nodes as bytes. */
import { ACKNOWLEDGED_KEPT, type AcknowledgedWrite } from '../core/acknowledged-writes.js';
import { BALLOT_SUB_MAX, isIncarnation, NODE_NAME_LENGTH_MAX } from '../core/ballot.js';
import type { NodeDelay, TimedWrite } from '../core/delay-book.js';
import { DEPTH, LEAVES } from '../core/merkle-hash.js';
import type { KeyBallot } from '../core/merkle-leaf.js';
import { POLICIES } from '../core/policy.js';
import type { PolicyStand, RepairReply, RepairRequest } from '../core/repair-message.js';
import { VERSION_INDEX_MAX, type Version } from '../core/version.js';
import { CodecError } from './codec-error.js';
import { optional } from './plain-fields.js';
import { ballotField, bytesField, flag, group, keyField, list, micros, text, uint, word } from './plain-fields.js';
import { packMessage, unpackMessage, type Field, type Schema } from './plain-fields.js';
import { stateField as state } from './state-field.js';

const REASON_CHARACTERS_MAX = 1_024;
const GROUPS_MAX = 10_000;
const NODES_MAX = 1_024;
const KEYS_MAX = 100_000;
const REPLICAS_MAX = 64;

/** The names of a set of home replicas. */
const homeSet = text(NODE_NAME_LENGTH_MAX * 16);

/** Little-endian words. */
const wordsField: Field<Uint32Array> = {
  pack: (words) => {
    const bytes = new Uint8Array(words.length * 4);
    const view = new DataView(bytes.buffer);
    words.forEach((value, index) => {
      view.setUint32(index * 4, value, true);
    });
    return bytes;
  },
  unpack: (raw) => {
    const bytes = bytesField.unpack(raw);
    if (bytes.length % 4 !== 0) throw new CodecError('digests that are cut short');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Uint32Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4, true));
  },
};

const incarnationField: Field<string> = {
  pack: (incarnation) => incarnation,
  unpack: (raw) => {
    if (!isIncarnation(raw)) throw new CodecError('an incarnation that is not 16 hexadecimal digits');
    return raw;
  },
};

const version = group<Version>({
  time: micros,
  incarnation: incarnationField,
  sub: uint(BALLOT_SUB_MAX),
  index: uint(VERSION_INDEX_MAX),
});

/** In whole microseconds; null: no answer came. */
const milliseconds: Field<number> = {
  pack: (ms) => (ms === Infinity ? null : Math.round(ms * 1_000)),
  unpack: (raw) => (raw === null ? Infinity : micros.unpack(raw) / 1_000),
};

const timedWrite = group<TimedWrite>({
  required: uint(REPLICAS_MAX),
  delays: list(
    group<NodeDelay>({ node: text(NODE_NAME_LENGTH_MAX), there: milliseconds, back: milliseconds }),
    REPLICAS_MAX,
  ),
});

const stand = group<PolicyStand>({ epoch: uint(0xffff_ffff), policy: word(POLICIES), settled: flag });

const REQUESTS: Schema<RepairRequest> = {
  inspect: { key: keyField },
  collect: { key: keyField, accepted: ballotField, before: micros },
  hint: { target: text(NODE_NAME_LENGTH_MAX), key: keyField, ballot: ballotField, state },
  settle: { key: keyField, ballot: ballotField, state },
  roots: { groups: list(homeSet, GROUPS_MAX) },
  children: { group: homeSet, level: uint(DEPTH), nodes: list(uint(LEAVES), NODES_MAX) },
  leaves: { group: homeSet, leaves: list(uint(LEAVES - 1), NODES_MAX) },
  barrier: { epoch: uint(0xffff_ffff) },
  policy: { stand },
  acknowledged: { key: keyField },
};

const REPLIES: Schema<RepairReply> = {
  inspected: { promised: ballotField, accepted: ballotField, isTombstone: flag, maxOpTime: micros },
  collected: { removed: flag },
  hinted: { kept: flag },
  settled: { settled: flag },
  policy: { stand },
  barrier: { done: flag, permille: uint(1_000), keys: uint() },
  digests: { digests: wordsField },
  keys: { keys: list(group<KeyBallot>({ key: keyField, accepted: ballotField }), KEYS_MAX) },
  declined: { reason: text(REASON_CHARACTERS_MAX) },
  acknowledged: {
    writes: list(group<AcknowledgedWrite>({ version, at: micros }), ACKNOWLEDGED_KEPT),
    timed: optional(timedWrite),
  },
};

export function encodeRepairRequest(request: RepairRequest): Uint8Array {
  return packMessage(REQUESTS, request);
}

export function decodeRepairRequest(bytes: Uint8Array): RepairRequest {
  return unpackMessage(REQUESTS, bytes);
}

export function encodeRepairReply(reply: RepairReply): Uint8Array {
  return packMessage(REPLIES, reply);
}

export function decodeRepairReply(bytes: Uint8Array): RepairReply {
  return unpackMessage(REPLIES, bytes);
}
