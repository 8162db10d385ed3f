/** Frames of a pipe, between a client and a node: a first number says which kind, the rest are its columns. */
import { BALLOT_TIME_MAX, type Micros, type ProcessId } from '../core/ballot.js';
import { FRAME_OPERATIONS_MAX } from '../core/defaults.js';
import { POLICIES } from '../core/policy.js';
import type { Hello, NodeAddress, PipeReply, PipeRequest } from '../ports/pipe.js';
import { readNodeName, readProcess, writeProcess } from './ballot-column.js';
import { readByteArrays, writeByteArrays } from './bytes-column.js';
import { CodecError } from './codec-error.js';
import { FrameReader } from './frame-reader.js';
import { FrameWriter } from './frame-writer.js';
import { countUp, readIntegers, writeIntegers } from './number-column.js';
import { readWord, writeWord } from './receipt-codec.js';
import { readReplies, writeReplies } from './reply-columns.js';
import { readRequests, writeRequests } from './request-columns.js';
import { readTexts, writeTexts } from './text-column.js';

const HELLO = 1;
const BATCH = 2;
const ECHO = 3;

/** Raised when a frame changes its meaning: both sides of a pipe must speak the same one. */
export const WIRE_VERSION = 4;
const NODES_MAX = 1_024;
export const CLUSTER_NAME_BYTES_MAX = 256;
const ADDRESS_BYTES_MAX = 512;

/** Opens each of the two streams of a pipe. */
export interface ClientHello {
  readonly client: ProcessId;
  /** Tells the client's pipes apart; both streams of one say the same. */
  readonly pipe: number;
  /** This is the stream for large values. */
  readonly bulk: boolean;
}

export interface Echo {
  readonly id: number;
  readonly key: string;
  readonly value: Uint8Array;
}

export type ClientFrame =
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  | { readonly kind: 'requests'; readonly requests: readonly PipeRequest[] }
  | { readonly kind: 'echo'; readonly echoes: readonly Echo[] };

export type NodeFrame =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'replies'; readonly replies: readonly PipeReply[]; readonly clock: Micros }
  | { readonly kind: 'echo'; readonly ids: readonly number[] };

const writer = new FrameWriter();

export function encodeClientHello(hello: ClientHello): Buffer {
  begin(HELLO);
  writer.number(WIRE_VERSION);
  writeProcess(writer, hello.client);
  writer.number(hello.pipe);
  writer.bool(hello.bulk);
  return writer.finish();
}

export function encodeRequests(batch: readonly PipeRequest[]): Buffer {
  begin(BATCH);
  writeIds(batch);
  writeRequests(
    writer,
    batch.map((item) => item.request),
  );
  return writer.finish();
}

export function encodeEcho(batch: readonly Echo[]): Buffer {
  begin(ECHO);
  writeIds(batch);
  writeTexts(
    writer,
    batch.map((item) => item.key),
  );
  writeByteArrays(
    writer,
    batch.map((item) => item.value),
  );
  return writer.finish();
}

export function encodeNodeHello(hello: Hello): Buffer {
  begin(HELLO);
  writer.number(WIRE_VERSION);
  writer.text(hello.cluster);
  writeProcess(writer, hello.process);
  writeWord(writer, POLICIES, hello.policy);
  writer.number(hello.policyEpoch);
  writer.number(hello.replicas);
  writer.array(hello.nodes.length * 2);
  for (const node of hello.nodes) {
    writer.text(node.id);
    writer.text(node.address);
  }
  writer.number(hello.clock);
  return writer.finish();
}

export function encodeReplies(batch: readonly PipeReply[], clock: Micros): Buffer {
  begin(BATCH);
  writer.number(clock);
  writeIds(batch);
  writeReplies(
    writer,
    batch.map((item) => item.reply),
  );
  return writer.finish();
}

export function decodeClientFrame(message: Buffer): ClientFrame {
  const reader = new FrameReader(message);
  const frame = readClientFrame(reader);
  reader.end();
  return frame;
}

export function decodeNodeFrame(message: Buffer): NodeFrame {
  const reader = new FrameReader(message);
  const frame = readNodeFrame(reader);
  reader.end();
  return frame;
}

function readClientFrame(reader: FrameReader): ClientFrame {
  const kind = reader.uint(ECHO);
  if (kind === HELLO) {
    return { kind: 'hello', hello: readClientHello(reader) };
  }
  if (kind !== BATCH && kind !== ECHO) throw new CodecError(`a frame of unknown kind ${kind}`);
  const ids = readIds(reader);
  return kind === BATCH ? readBatch(reader, ids) : readEcho(reader, ids);
}

function readNodeFrame(reader: FrameReader): NodeFrame {
  const kind = reader.uint(ECHO);
  if (kind === HELLO) return { kind: 'hello', hello: readNodeHello(reader) };
  if (kind === ECHO) return { kind: 'echo', ids: readEcho(reader, readIds(reader)).echoes.map((echo) => echo.id) };
  if (kind !== BATCH) throw new CodecError(`a frame of unknown kind ${kind}`);
  const clock = reader.uint(Number.MAX_SAFE_INTEGER);
  const ids = readIds(reader);
  const replies = readReplies(reader, ids.length);
  return { kind: 'replies', clock, replies: replies.map((reply, i) => ({ id: ids[i]!, reply })) };
}

function readBatch(reader: FrameReader, ids: readonly number[]): ClientFrame {
  const requests = readRequests(reader, ids.length);
  return { kind: 'requests', requests: requests.map((request, i) => ({ id: ids[i]!, request })) };
}

function readEcho(reader: FrameReader, ids: readonly number[]): { readonly kind: 'echo'; readonly echoes: Echo[] } {
  const keys = readTexts(reader, ids.length);
  const values = readByteArrays(reader, ids.length);
  return { kind: 'echo', echoes: ids.map((id, i) => ({ id, key: keys[i]!, value: values[i]! })) };
}

function readClientHello(reader: FrameReader): ClientHello {
  readWireVersion(reader);
  return { client: readProcess(reader), pipe: reader.uint(Number.MAX_SAFE_INTEGER), bulk: reader.bool() };
}

function readNodeHello(reader: FrameReader): Hello {
  readWireVersion(reader);
  const cluster = reader.text(CLUSTER_NAME_BYTES_MAX);
  const process = readProcess(reader);
  const policy = readWord(reader, POLICIES);
  const policyEpoch = reader.uint(Number.MAX_SAFE_INTEGER);
  const replicas = reader.uint(NODES_MAX);
  const count = reader.array(NODES_MAX * 2);
  const nodes: NodeAddress[] = [];
  for (let i = 0; i < count; i += 2) nodes.push({ id: readNodeName(reader), address: reader.text(ADDRESS_BYTES_MAX) });
  return { cluster, process, policy, policyEpoch, replicas, nodes, clock: reader.uint(BALLOT_TIME_MAX) };
}

export function readWireVersion(reader: FrameReader): void {
  const version = reader.uint(0xffff);
  if (version !== WIRE_VERSION) throw new CodecError(`wire version ${version} where this side speaks ${WIRE_VERSION}`);
}

/** Numbers given out one after the other travel as the first of them. */
function writeIds(batch: readonly { readonly id: number }[]): void {
  const first = batch[0]?.id ?? 0;
  writer.number(batch.length);
  if (batch.every((item, i) => item.id === first + i)) return writer.number(first);
  writeIntegers(
    writer,
    batch.map((item) => item.id),
  );
}

function readIds(reader: FrameReader): number[] {
  const count = reader.uint(FRAME_OPERATIONS_MAX);
  if (reader.atColumn()) return readIntegers(reader, count);
  const first = reader.uint(Number.MAX_SAFE_INTEGER - Math.max(0, count - 1));
  return countUp(first, count);
}

function begin(kind: number): void {
  writer.begin();
  writer.number(kind);
}
