/** Frames that answer on a link between two nodes. */
import { BALLOT_TIME_MAX, isIncarnation, NO_BALLOT, type Ballot } from '../core/ballot.js';
import { FRAME_OPERATIONS_MAX } from '../core/defaults.js';
import { ACCEPTED, SAME, type PeerReply } from '../core/peer-message.js';
import type { State } from '../core/state.js';
import type { ReplyFrame } from '../ports/peers.js';
import { readBallots, writeBallots } from './ballot-column.js';
import { readViews, writeByteArrays } from './bytes-column.js';
import { CodecError } from './codec-error.js';
import { inParts, peerReplyBytes, replyBytes } from './frame-parts.js';
import { FrameReader } from './frame-reader.js';
import { FrameWriter } from './frame-writer.js';
import { FRAME_ID_MAX, readLinkHello, writeLinkHello, type LinkHello } from './link-frames.js';
import { countUp, readIntegers, readUints, writeIntegers, writeUints } from './number-column.js';
import { readReplies, writeReplies } from './reply-columns.js';
import { decodeRepairReply, encodeRepairReply } from './repair-codec.js';
import { encodeState, readState } from './state-codec.js';

const HELLO = 1;
const HEARTBEAT = 2;
const UNIFORM = 3;
const REPLIES = 4;
const FORWARDED = 5;
const REPAIRED = 6;

const KIND_NUMBERS = { uniform: UNIFORM, replies: REPLIES, forwarded: FORWARDED, repaired: REPAIRED } as const;

const KINDS = ['promised', 'accepted', 'same', 'found', 'nack', 'skew', 'alarm', 'refused'] as const;
const REFUSALS = ['OVERLOADED', 'STALE_EPOCH', 'UNAVAILABLE'] as const;
const KIND_BITS = 7;
const HAS_STATE = 1 << 3;
const REASON_CHARACTERS_MAX = 1_024;

export type LinkReply = ReplyFrame | { readonly kind: 'hello'; readonly hello: LinkHello };

const writer = new FrameWriter();

export function encodeReplyFrame(frame: ReplyFrame): Buffer {
  writer.begin();
  if (frame.kind === 'heartbeat') {
    writer.number(HEARTBEAT);
    writer.number(frame.sentMs);
    writer.number(frame.clock);
    return writer.finish();
  }
  writer.number(KIND_NUMBERS[frame.kind]);
  writer.number(frame.to);
  writer.bool(frame.bulk);
  writeMessageIndexes(frame.indexes);
  if (frame.kind === 'uniform') writer.bool(frame.reply === 'accepted');
  else if (frame.kind === 'replies') writePeerReplies(frame.replies);
  else if (frame.kind === 'repaired') writeByteArrays(writer, frame.replies.map(encodeRepairReply));
  else writeReplies(writer, frame.replies);
  return writer.finish();
}

/** The same answers in frames that a peer takes; each names its messages, so they may come in parts. */
export function replyParts(frame: ReplyFrame): readonly ReplyFrame[] {
  if (frame.kind !== 'replies' && frame.kind !== 'forwarded') return [frame];
  const { indexes } = frame;
  let from = 0;
  const next = (length: number): readonly number[] => indexes.slice(from, (from += length));
  if (frame.kind === 'replies') {
    const parts = inParts(frame.replies, peerReplyBytes);
    return parts.length === 1
      ? [frame]
      : parts.map((replies) => ({ ...frame, indexes: next(replies.length), replies }));
  }
  const parts = inParts(frame.replies, replyBytes);
  return parts.length === 1 ? [frame] : parts.map((replies) => ({ ...frame, indexes: next(replies.length), replies }));
}

export function encodeLinkHelloReply(hello: LinkHello): Buffer {
  writer.begin().number(HELLO);
  writeLinkHello(writer, hello);
  return writer.finish();
}

/** Throws a CodecError for everything that encodeReplyFrame and encodeLinkHelloReply would not have made. */
export function decodeLinkReply(message: Buffer): LinkReply {
  const reader = new FrameReader(message);
  const frame = readLinkReply(reader);
  reader.end();
  return frame;
}

function readLinkReply(reader: FrameReader): LinkReply {
  const kind = reader.uint(REPAIRED);
  if (kind === HELLO) return { kind: 'hello', hello: readLinkHello(reader) };
  if (kind === HEARTBEAT)
    return { kind: 'heartbeat', sentMs: reader.number(), clock: reader.uint(Number.MAX_SAFE_INTEGER) };
  const head = { to: reader.uint(FRAME_ID_MAX), bulk: reader.bool() };
  const indexes = readMessageIndexes(reader);
  if (kind === UNIFORM) return { kind: 'uniform', ...head, indexes, reply: reader.bool() ? 'accepted' : 'same' };
  if (indexes === null) throw new CodecError('replies without the indexes of their messages');
  if (kind === REPLIES) return { kind: 'replies', ...head, indexes, replies: readPeerReplies(reader, indexes.length) };
  if (kind === FORWARDED) return { kind: 'forwarded', ...head, indexes, replies: readReplies(reader, indexes.length) };
  if (kind === REPAIRED)
    return { kind: 'repaired', ...head, indexes, replies: readViews(reader, indexes.length, decodeRepairReply) };
  throw new CodecError(`a frame of unknown kind ${kind}`);
}

/** Indexes one after the other travel as the first of them; null, for all messages, as nil. */
function writeMessageIndexes(indexes: readonly number[] | null): void {
  if (indexes === null) return writer.nil();
  const first = indexes[0] ?? 0;
  writer.number(indexes.length);
  if (indexes.every((index, i) => index === first + i)) return writer.number(first);
  const at = writer.column(indexes.length * 2);
  for (let i = 0; i < indexes.length; i += 1) writer.putWord(at + i * 2, indexes[i]!);
}

function readMessageIndexes(reader: FrameReader): number[] | null {
  if (reader.nil()) return null;
  const count = reader.uint(FRAME_OPERATIONS_MAX);
  if (!reader.atColumn()) {
    const first = reader.uint(FRAME_OPERATIONS_MAX - count);
    return countUp(first, count);
  }
  const at = reader.column(count * 2);
  return Array.from({ length: count }, (_, i) => checkIndex(reader.getWord(at + i * 2)));
}

function checkIndex(index: number): number {
  if (index >= FRAME_OPERATIONS_MAX) throw new CodecError(`${index} is not the index of a message`);
  return index;
}

/** The columns that not every reply has a place in. */
class SparseColumns {
  readonly ballots: Ballot[] = [];
  readonly states: State[] = [];
  readonly times: number[] = [];
  readonly refusals: number[] = [];
  readonly texts: string[] = [];
}

function writePeerReplies(replies: readonly PeerReply[]): void {
  const sparse = new SparseColumns();
  writeUints(
    writer,
    replies.map((reply) => KINDS.indexOf(reply.kind) | gather(reply, sparse)),
  );
  writeBallots(writer, sparse.ballots);
  writeByteArrays(writer, sparse.states.map(encodeState));
  writeIntegers(writer, sparse.times);
  writeUints(writer, sparse.refusals);
  writer.texts(sparse.texts);
}

function gather(reply: PeerReply, sparse: SparseColumns): number {
  switch (reply.kind) {
    case 'promised':
      sparse.ballots.push(reply.accepted, reply.floor);
      sparse.times.push(reply.maxOpTime);
      sparse.texts.push(reply.incarnation);
      return gatherState(reply.state, sparse);
    case 'found':
      sparse.ballots.push(reply.accepted);
      return gatherState(reply.state, sparse);
    case 'nack':
      sparse.ballots.push(reply.promised, reply.accepted);
      return 0;
    case 'skew':
      sparse.times.push(reply.clock);
      return 0;
    case 'alarm':
      sparse.texts.push(reply.reason.slice(0, REASON_CHARACTERS_MAX));
      return 0;
    case 'refused':
      sparse.refusals.push(REFUSALS.indexOf(reply.code));
      return 0;
    case 'accepted':
    case 'same':
      return 0;
  }
}

function gatherState(state: State | null, sparse: SparseColumns): number {
  if (state === null) return 0;
  sparse.states.push(state);
  return HAS_STATE;
}

/** How many entries of each sparse column a reply of each kind has. */
const BALLOTS_OF: readonly number[] = [2, 0, 0, 1, 2, 0, 0, 0];
const TIMES_OF: readonly number[] = [1, 0, 0, 0, 0, 1, 0, 0];
const TEXTS_OF: readonly number[] = [1, 0, 0, 0, 0, 0, 1, 0];
const STATE_ALLOWED: readonly boolean[] = KINDS.map((kind) => kind === 'promised' || kind === 'found');

function readPeerReplies(reader: FrameReader, count: number): PeerReply[] {
  const bits = readUints(reader, count, KIND_BITS | HAS_STATE);
  const columns = new ReplyColumns(reader, bits);
  return bits.map((word) => columns.next(word));
}

/** Takes from each column what the next reply's kind has there. */
class ReplyColumns {
  readonly #ballots: readonly Ballot[];
  readonly #states: readonly State[];
  readonly #times: readonly number[];
  readonly #refusals: readonly number[];
  readonly #texts: readonly string[];
  #ballot = 0;
  #state = 0;
  #time = 0;
  #refusal = 0;
  #text = 0;

  constructor(reader: FrameReader, bits: readonly number[]) {
    if (bits.some((word) => (word & HAS_STATE) !== 0 && !STATE_ALLOWED[word & KIND_BITS])) {
      throw new CodecError('a state in a reply that has none');
    }
    const total = (of: readonly number[]): number => bits.reduce((sum, word) => sum + of[word & KIND_BITS]!, 0);
    this.#ballots = readBallots(reader, total(BALLOTS_OF), true);
    this.#states = readViews(reader, bits.filter((word) => (word & HAS_STATE) !== 0).length, readState);
    this.#times = readIntegers(reader, total(TIMES_OF));
    this.#refusals = readUints(
      reader,
      bits.filter((word) => KINDS[word & KIND_BITS] === 'refused').length,
      REFUSALS.length - 1,
    );
    const texts = total(TEXTS_OF);
    this.#texts = reader.texts(texts, REASON_CHARACTERS_MAX * 3);
    if (this.#texts.length !== texts) throw new CodecError('texts for some of the replies only');
  }

  next(word: number): PeerReply {
    const kind = KINDS[word & KIND_BITS]!;
    switch (kind) {
      case 'promised':
        return this.#promised(word);
      case 'found':
        return { kind, ...this.#record(word) };
      case 'nack':
        return { kind, promised: this.#nextBallot(), accepted: this.#nextBallot() };
      case 'skew':
        return { kind, clock: this.#times[this.#time++]! };
      case 'alarm':
        return { kind, reason: this.#texts[this.#text++]! };
      case 'refused':
        return { kind, code: REFUSALS[this.#refusals[this.#refusal++]!]! };
      case 'accepted':
        return ACCEPTED;
      case 'same':
        return SAME;
    }
  }

  #promised(word: number): PeerReply {
    const accepted = this.#record(word);
    const floor = this.#nextBallot();
    const maxOpTime = this.#times[this.#time++]!;
    const incarnation = this.#texts[this.#text++]!;
    if (maxOpTime > BALLOT_TIME_MAX) throw new CodecError(`${maxOpTime} is not the time of an operation`);
    if (!isIncarnation(incarnation)) throw new CodecError('an incarnation that is not 16 hexadecimal digits');
    return { kind: 'promised', ...accepted, maxOpTime, incarnation, floor };
  }

  /** A state without the ballot that it was accepted under, or the other way round, is no record. */
  #record(word: number): { readonly accepted: Ballot; readonly state: State | null } {
    const accepted = this.#nextBallot();
    const state = (word & HAS_STATE) === 0 ? null : this.#states[this.#state++]!;
    if ((state === null) !== (accepted === NO_BALLOT)) throw new CodecError('a state without its ballot');
    return { accepted, state };
  }

  #nextBallot(): Ballot {
    return this.#ballots[this.#ballot++]!;
  }
}
