/** Answers to requests of clients as columns; the same in a pipe's frame and in one that was forwarded. */
import { isNone, NO_BALLOT, type Ballot } from '../core/ballot.js';
import type { ErrorDetails } from '../core/errors.js';
import type { ReceiptShape } from '../core/receipt.js';
import type { ErrorReply, ListReply, MutateReply, Reply, ValueReply } from '../core/request.js';
import { NO_VERSION, versionOf, type Version } from '../core/version.js';
import { readBallots, writeBallots } from './ballot-column.js';
import { readByteArrays, writeByteArrays } from './bytes-column.js';
import { CodecError } from './codec-error.js';
import { Dictionary } from './dictionary.js';
import { readErrors, writeErrors } from './error-codec.js';
import type { FrameReader } from './frame-reader.js';
import type { FrameWriter } from './frame-writer.js';
import { readLists, writeLists } from './list-columns.js';
import { indexAt, readIndexes, readUints, UINT_MAX, writeIndexes, writeUints } from './number-column.js';
import { readReceipts, writeReceipts } from './receipt-codec.js';
import { readVersions, writeVersions } from './version-column.js';

const VALUE = 0;
const MUTATED = 1;
const KEYS = 2;
const ERROR = 3;
const KIND_BITS = 3;
const PRESENT = 1 << 2;
const MSGPACK = 1 << 3;
const EXISTED_KNOWN = 1 << 4;
const EXISTED = 1 << 5;
const HAS_VERSION = 1 << 6;
const HAS_RECEIPT = 1 << 7;
/** Of a value; these places have other meanings in other kinds. */
const UNCHANGED = 1 << 4;
const BEHIND = 1 << 5;
/** The version is not that of the ballot it was accepted under, and stands in a column of its own. */
const VERSION_APART = 1 << 6;
const EXISTED_BITS = EXISTED_KNOWN | EXISTED;
const USED_BITS: readonly number[] = [
  PRESENT | MSGPACK | UNCHANGED | BEHIND | VERSION_APART,
  EXISTED_BITS | VERSION_APART,
  0,
  HAS_VERSION | HAS_RECEIPT | EXISTED_BITS,
].map((bits) => bits | KIND_BITS);

/** The columns that not every reply has a place in. */
class SparseColumns {
  readonly versions: Version[] = [];
  /** One for each answer that has a receipt. */
  readonly ballots: Ballot[] = [];
  readonly receipts = new Dictionary<ReceiptShape>(Object.is, (shape) => shape);
  readonly positions: number[] = [];
  readonly micros: number[] = [];
  readonly values: Uint8Array[] = [];
  readonly errors: ErrorDetails[] = [];
  readonly lists: ListReply[] = [];
}

export function writeReplies(writer: FrameWriter, replies: readonly Reply[]): void {
  const sparse = new SparseColumns();
  writeUints(
    writer,
    replies.map((reply) => gather(reply, sparse)),
  );
  writeBallots(writer, sparse.ballots);
  writeVersions(writer, sparse.versions);
  writeReceipts(writer, sparse.receipts.entries);
  writeIndexes(writer, sparse.positions, sparse.receipts.entries.length);
  writeUints(writer, sparse.micros);
  writeByteArrays(writer, sparse.values);
  writeErrors(writer, sparse.errors);
  writeLists(writer, sparse.lists);
}

export function readReplies(reader: FrameReader, count: number): Reply[] {
  const bits = readUints(reader, count, 0xff);
  const columns = new ReplyColumns(reader, countBits(bits));
  const replies = new Array<Reply>(count);
  for (let i = 0; i < count; i += 1) replies[i] = columns.next(bits[i]!);
  return replies;
}

function gather(reply: Reply, sparse: SparseColumns): number {
  switch (reply.kind) {
    case 'value':
      return gatherValue(reply, sparse);
    case 'mutated':
      gatherReceipt(reply, sparse);
      return MUTATED | versionBits(reply, sparse) | existedBits(reply.existed);
    case 'keys':
      sparse.lists.push(reply);
      return KEYS;
    case 'error':
      sparse.errors.push(reply.error);
      if (reply.version !== undefined) sparse.versions.push(reply.version);
      return (
        ERROR |
        (reply.version === undefined ? 0 : HAS_VERSION) |
        receiptBits(reply, sparse) |
        existedBits(reply.existed)
      );
  }
}

function gatherValue(reply: ValueReply, sparse: SparseColumns): number {
  const { value, encoding, unchanged, behind } = reply;
  gatherReceipt(reply, sparse);
  const bits = VALUE | versionBits(reply, sparse) | (behind === true ? BEHIND : 0);
  if (unchanged !== undefined) return bits | UNCHANGED | (unchanged === 'found' ? PRESENT : 0);
  if (value === null) return bits;
  sparse.values.push(value);
  return bits | PRESENT | (encoding === 'msgpack' ? MSGPACK : 0);
}

/** Most states are still under the ballot that created them, which says the version. */
function versionBits({ version, accepted }: ValueReply | MutateReply, sparse: SparseColumns): number {
  if (isVersionOf(version, accepted)) return 0;
  sparse.versions.push(version);
  return VERSION_APART;
}

function isVersionOf({ time, incarnation, sub, index }: Version, accepted: Ballot): boolean {
  if (time === 0) return isNone(accepted);
  return time === accepted.time && sub === accepted.sub && index === 0 && incarnation === accepted.incarnation;
}

function existedBits(existed: boolean | null | undefined): number {
  if (existed == null) return 0;
  return existed ? EXISTED_BITS : EXISTED_KNOWN;
}

function existedIn(bits: number): boolean | undefined {
  return (bits & EXISTED_KNOWN) === 0 ? undefined : (bits & EXISTED) !== 0;
}

function receiptBits({ receipt, accepted = NO_BALLOT, serverMicros = 0 }: ErrorReply, sparse: SparseColumns): number {
  if (receipt === undefined) return 0;
  gatherReceipt({ receipt, accepted, serverMicros }, sparse);
  return HAS_RECEIPT;
}

function gatherReceipt({ receipt, accepted, serverMicros }: Answered, sparse: SparseColumns): void {
  sparse.ballots.push(accepted);
  sparse.positions.push(sparse.receipts.indexOf(receipt));
  sparse.micros.push(Math.min(Math.max(Math.round(serverMicros), 0), UINT_MAX));
}

interface Answered {
  readonly receipt: ReceiptShape;
  readonly accepted: Ballot;
  readonly serverMicros: number;
}

interface Counts {
  answered: number;
  versions: number;
  values: number;
  errors: number;
  lists: number;
}

function countBits(bits: readonly number[]): Counts {
  const counts: Counts = { answered: 0, versions: 0, values: 0, errors: 0, lists: 0 };
  for (const word of bits) {
    const kind = word & KIND_BITS;
    if ((word & ~USED_BITS[kind]!) !== 0)
      throw new CodecError(`reply bits 0x${word.toString(16)} contradict each other`);
    if (kind === VALUE && (word & UNCHANGED) !== 0 && (word & MSGPACK) !== 0)
      throw new CodecError('the encoding of a value that is not sent');
    const hasResult = kind === VALUE || kind === MUTATED;
    if (hasResult || (word & HAS_RECEIPT) !== 0) counts.answered += 1;
    if ((word & (hasResult ? VERSION_APART : HAS_VERSION)) !== 0) counts.versions += 1;
    if ((word & PRESENT) !== 0 && (word & UNCHANGED) === 0) counts.values += 1;
    if (kind === KEYS) counts.lists += 1;
    if (kind === ERROR) counts.errors += 1;
  }
  return counts;
}

/** Takes from each column what the next reply's bits say it has there. */
class ReplyColumns {
  readonly #reader: FrameReader;
  readonly #ballots: readonly Ballot[];
  readonly #versions: readonly Version[];
  readonly #receipts: readonly ReceiptShape[];
  readonly #positions: number;
  readonly #micros: readonly number[];
  readonly #values: readonly Uint8Array[];
  readonly #errors: readonly ErrorDetails[];
  readonly #lists: readonly ListReply[];
  #version = 0;
  #answer = 0;
  #value = 0;
  #error = 0;
  #list = 0;

  constructor(reader: FrameReader, counts: Counts) {
    this.#reader = reader;
    this.#ballots = readBallots(reader, counts.answered, true);
    this.#versions = readVersions(reader, counts.versions);
    this.#receipts = readReceipts(reader, counts.answered);
    this.#positions = readIndexes(reader, counts.answered, this.#receipts.length);
    this.#micros = readUints(reader, counts.answered);
    this.#values = readByteArrays(reader, counts.values);
    this.#errors = readErrors(reader, counts.errors);
    this.#lists = readLists(reader, counts.lists);
  }

  next(bits: number): Reply {
    switch (bits & KIND_BITS) {
      case VALUE:
        return this.#valueReply(bits);
      case MUTATED:
        return this.#mutateReply(bits);
      case KEYS:
        return this.#lists[this.#list++]!;
      default:
        return this.#errorReply(bits);
    }
  }

  #valueReply(bits: number): Reply {
    const at = this.#answer++;
    return {
      kind: 'value',
      value: (bits & (PRESENT | UNCHANGED)) === PRESENT ? this.#values[this.#value++]! : null,
      encoding: (bits & MSGPACK) === 0 ? 'bytes' : 'msgpack',
      version: this.#versionAt(bits, at),
      accepted: this.#ballots[at]!,
      unchanged: (bits & UNCHANGED) === 0 ? undefined : (bits & PRESENT) === 0 ? 'absent' : 'found',
      behind: (bits & BEHIND) === 0 ? undefined : true,
      receipt: this.#receiptAt(at),
      serverMicros: this.#micros[at]!,
    };
  }

  #mutateReply(bits: number): Reply {
    const at = this.#answer++;
    return {
      kind: 'mutated',
      version: this.#versionAt(bits, at),
      accepted: this.#ballots[at]!,
      existed: existedIn(bits) ?? null,
      receipt: this.#receiptAt(at),
      serverMicros: this.#micros[at]!,
    };
  }

  #errorReply(bits: number): Reply {
    const error = this.#errors[this.#error++]!;
    const version = (bits & HAS_VERSION) === 0 ? undefined : this.#versions[this.#version++]!;
    const existed = existedIn(bits);
    const reply = {
      kind: 'error',
      error,
      ...(version === undefined ? {} : { version }),
      ...(existed === undefined ? {} : { existed }),
    } as const;
    if ((bits & HAS_RECEIPT) === 0) return reply;
    const at = this.#answer++;
    const accepted = this.#ballots[at]!;
    return { ...reply, receipt: this.#receiptAt(at), accepted, serverMicros: this.#micros[at]! };
  }

  #versionAt(bits: number, at: number): Version {
    if ((bits & VERSION_APART) !== 0) return this.#versions[this.#version++]!;
    const accepted = this.#ballots[at]!;
    return isNone(accepted) ? NO_VERSION : versionOf(accepted, 0);
  }

  #receiptAt(at: number): ReceiptShape {
    return this.#receipts[indexAt(this.#reader, this.#positions, at)]!;
  }
}
