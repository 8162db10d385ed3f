/** Frames that ask on a link between two nodes: a first number says which kind, the rest are its columns. */
import { NO_BALLOT, type Ballot, type ProcessId } from '../core/ballot.js';
import type { DiskIdentity } from '../core/disk-identity.js';
import { FRAME_OPERATIONS_MAX } from '../core/defaults.js';
import { rangeProblem } from '../core/key-range.js';
import { keyProblem, valueProblem } from '../core/limits.js';
import type { AcceptMessage, PrepareMessage, ReadMessage } from '../core/peer-message.js';
import type { Request } from '../core/request.js';
import type { Epochs, Heartbeat, RequestFrame } from '../ports/peers.js';
import { readBallots, readNodeName, readProcess, writeBallots, writeProcess } from './ballot-column.js';
import { readViews, writeByteArrays } from './bytes-column.js';
import { CodecError } from './codec-error.js';
import { FrameReader } from './frame-reader.js';
import { FrameWriter } from './frame-writer.js';
import { writeBytes } from './number-column.js';
import { CLUSTER_NAME_BYTES_MAX, readWireVersion, WIRE_VERSION } from './pipe-frames.js';
import { decodeRepairRequest, encodeRepairRequest } from './repair-codec.js';
import { readRequests, writeRequests } from './request-columns.js';
import { encodeState, readState } from './state-codec.js';
import { readTexts, writeTexts } from './text-column.js';

const HELLO = 1;
const HEARTBEAT = 2;
const PREPARE = 3;
const ACCEPT = 4;
const READ = 5;
const FORWARD = 6;
const REPAIR = 7;
const EPOCH_MAX = 0xffff_ffff;
export const FRAME_ID_MAX = Number.MAX_SAFE_INTEGER;

/** Opens a stream of a link, in both directions: who speaks, of which cluster, under which epochs. */
export interface LinkHello {
  readonly cluster: string;
  readonly process: ProcessId;
  readonly epochs: Epochs;
  /** The node that is expected to answer; the answer repeats it. */
  readonly to: string;
  /** Tells the links of one process apart; both streams of one say the same. */
  readonly link: number;
  /** This is the stream for large values. */
  readonly bulk: boolean;
  /** The disk of the process that speaks. */
  readonly disk: DiskIdentity;
  /** What it remembers of the disk of the node it speaks to. */
  readonly remembers: DiskIdentity | null;
}

export type LinkRequest = RequestFrame | Heartbeat | { readonly kind: 'hello'; readonly hello: LinkHello };

const writer = new FrameWriter();

/** The frame in its envelope; also for every one of several targets. */
export function encodeRequestFrame(frame: RequestFrame | Heartbeat): Buffer {
  writer.begin();
  if (frame.kind === 'heartbeat') {
    writer.number(HEARTBEAT);
    writer.number(frame.sentMs);
    return writer.finish();
  }
  writer.number(kindNumber(frame));
  writer.number(frame.id);
  writer.bool(frame.bulk);
  writeEpochs(writer, frame.epochs);
  writer.number(frame.messages.length);
  writeMessages(frame);
  return writer.finish();
}

export function encodeLinkHello(hello: LinkHello): Buffer {
  writer.begin().number(HELLO);
  writeLinkHello(writer, hello);
  return writer.finish();
}

/** Throws a CodecError for everything that encodeRequestFrame and encodeLinkHello would not have made. */
export function decodeLinkRequest(message: Buffer): LinkRequest {
  const reader = new FrameReader(message);
  const frame = readLinkRequest(reader);
  reader.end();
  return frame;
}

export function writeLinkHello(to: FrameWriter, hello: LinkHello): void {
  to.number(WIRE_VERSION);
  to.text(hello.cluster);
  writeProcess(to, hello.process);
  writeEpochs(to, hello.epochs);
  to.text(hello.to);
  to.number(hello.link);
  to.bool(hello.bulk);
  writeDisk(to, hello.disk);
  to.bool(hello.remembers !== null);
  if (hello.remembers !== null) writeDisk(to, hello.remembers);
}

export function readLinkHello(reader: FrameReader): LinkHello {
  readWireVersion(reader);
  return {
    cluster: reader.text(CLUSTER_NAME_BYTES_MAX),
    process: readProcess(reader),
    epochs: readEpochs(reader),
    to: readNodeName(reader),
    link: reader.uint(FRAME_ID_MAX),
    bulk: reader.bool(),
    disk: readDisk(reader),
    remembers: reader.bool() ? readDisk(reader) : null,
  };
}

function writeDisk(to: FrameWriter, { folder, starts, incarnation }: DiskIdentity): void {
  to.text(folder);
  to.number(starts);
  to.text(incarnation);
}

function readDisk(reader: FrameReader): DiskIdentity {
  return { folder: reader.text(64), starts: reader.uint(Number.MAX_SAFE_INTEGER), incarnation: reader.text(16) };
}

function kindNumber(frame: RequestFrame): number {
  switch (frame.kind) {
    case 'prepare':
      return PREPARE;
    case 'accept':
      return ACCEPT;
    case 'read':
      return READ;
    case 'forward':
      return FORWARD;
    case 'repair':
      return REPAIR;
  }
}

function writeMessages(frame: RequestFrame): void {
  switch (frame.kind) {
    case 'prepare':
      return writeKeysAndBallots(
        frame.messages,
        frame.messages.map((message) => message.ballot),
      );
    case 'read':
      return writeKeysAndBallots(
        frame.messages,
        frame.messages.map((message) => message.known),
      );
    case 'accept':
      writeKeysAndBallots(
        frame.messages,
        frame.messages.map((message) => message.ballot),
      );
      writeByteArrays(
        writer,
        frame.messages.map((message) => encodeState(message.state)),
      );
      return writeBases(frame.messages);
    case 'forward':
      return writeRequests(writer, frame.messages);
    case 'repair':
      return writeByteArrays(writer, frame.messages.map(encodeRepairRequest));
  }
}

function writeKeysAndBallots(
  messages: readonly { readonly key: string }[],
  ballots: Parameters<typeof writeBallots>[1],
): void {
  writeTexts(
    writer,
    messages.map((message) => message.key),
  );
  writeBallots(writer, ballots);
}

function readLinkRequest(reader: FrameReader): LinkRequest {
  const kind = reader.uint(REPAIR);
  if (kind === HELLO) return { kind: 'hello', hello: readLinkHello(reader) };
  if (kind === HEARTBEAT) return { kind: 'heartbeat', sentMs: reader.number() };
  const head = { id: reader.uint(FRAME_ID_MAX), bulk: reader.bool(), epochs: readEpochs(reader) };
  const count = reader.uint(FRAME_OPERATIONS_MAX);
  switch (kind) {
    case PREPARE:
      return { kind: 'prepare', ...head, messages: readPrepares(reader, count) };
    case ACCEPT:
      return { kind: 'accept', ...head, messages: readAccepts(reader, count) };
    case READ:
      return { kind: 'read', ...head, messages: readReads(reader, count) };
    case FORWARD:
      return { kind: 'forward', ...head, messages: readRequests(reader, count).map(checkForwarded) };
    case REPAIR:
      return { kind: 'repair', ...head, messages: readViews(reader, count, decodeRepairRequest) };
    default:
      throw new CodecError(`a frame of unknown kind ${kind}`);
  }
}

function readPrepares(reader: FrameReader, count: number): PrepareMessage[] {
  const keys = readKeys(reader, count);
  const ballots = readBallots(reader, count, false);
  return keys.map((key, i) => ({ kind: 'prepare', key, ballot: ballots[i]! }));
}

function readAccepts(reader: FrameReader, count: number): AcceptMessage[] {
  const keys = readKeys(reader, count);
  const ballots = readBallots(reader, count, false);
  const states = readViews(reader, count, readState);
  const bases = reader.bool() ? readBases(reader, count) : undefined;
  return keys.map((key, i) => ({ kind: 'accept', key, ballot: ballots[i]!, state: states[i]!, base: bases?.[i] }));
}

/** Nothing but a flag for the accepts of the consensus path. */
function writeBases(messages: readonly AcceptMessage[]): void {
  const present = messages.some(({ base }) => base !== undefined);
  writer.bool(present);
  if (!present) return;
  writeBytes(
    writer,
    messages.map(({ base }) => Number(base !== undefined)),
  );
  writeBallots(
    writer,
    messages.map(({ base }) => base ?? NO_BALLOT),
  );
}

function readBases(reader: FrameReader, count: number): (Ballot | undefined)[] {
  const flags = reader.column(count);
  const present = Array.from({ length: count }, (_, i) => reader.getByte(flags + i) === 1);
  return readBallots(reader, count, true).map((ballot, i) => (present[i] === true ? ballot : undefined));
}

function readReads(reader: FrameReader, count: number): ReadMessage[] {
  const keys = readKeys(reader, count);
  const known = readBallots(reader, count, true);
  return keys.map((key, i) => ({ kind: 'read', key, known: known[i]! }));
}

/** The peer has checked these; one that is wrong means that the peer is. */
function readKeys(reader: FrameReader, count: number): string[] {
  const keys = readTexts(reader, count);
  for (const key of keys) {
    const problem = keyProblem(key);
    if (problem !== undefined) throw new CodecError(problem);
  }
  return keys;
}

function checkForwarded(request: Request): Request {
  const problem = requestProblem(request);
  if (problem !== undefined) throw new CodecError(problem);
  return request;
}

/** What is wrong with the key or the value of a request, or undefined. */
export function requestProblem(request: Request): string | undefined {
  if (request.kind === 'list') return rangeProblem(request);
  const problem = keyProblem(request.key);
  if (problem !== undefined || request.kind === 'get') return problem;
  const { mutation } = request.operation;
  return mutation.kind === 'put' ? valueProblem(mutation.value) : undefined;
}

function writeEpochs(to: FrameWriter, epochs: Epochs): void {
  to.number(epochs.policy);
  to.number(epochs.config);
}

function readEpochs(reader: FrameReader): Epochs {
  return { policy: reader.uint(EPOCH_MAX), config: reader.uint(EPOCH_MAX) };
}
