/** Requests of clients as columns; the same in a pipe's frame and in one that forwards them. */
import { LEVELS, type Level } from '../core/level.js';
import type { Ballot, Micros } from '../core/ballot.js';
import type { Floor } from '../core/floor.js';
import type { Expectation, Form, Mutation, Operation } from '../core/operation.js';
import type { GetRequest, MutateRequest, Request } from '../core/request.js';
import type { Version } from '../core/version.js';
import { readBallots, writeBallots } from './ballot-column.js';
import { readByteArrays, writeByteArrays } from './bytes-column.js';
import { CodecError } from './codec-error.js';
import type { FrameReader } from './frame-reader.js';
import type { FrameWriter } from './frame-writer.js';
import { readIntegers, readUints, UINT_MAX, writeIntegers, writeUints } from './number-column.js';
import { readTexts, writeTexts } from './text-column.js';
import { readVersions, writeVersions } from './version-column.js';

const GET = 0;
const PUT = 1;
const DELETE = 2;
const LIST = 3;
const KIND_BITS = 3;
const LEVEL_SHIFT = 2;
const STALE = 1 << 4;
const MSGPACK = 1 << 5;
const FORM_SHIFT = 6;
const EXPECT_ABSENT = 1 << 8;
const EXPECT_VERSION = 1 << 9;
const EXPIRES = 1 << 10;
const NAMED = 1 << 11;
const REVERSE = 1 << 12;
const KNOWN = 1 << 13;
/** What the caller's session has seen: of a read its ballot and version, of a mutation the ballot alone. */
const AFTER = 1 << 14;
const KNOWN_BITS = (1 << 15) - 1;

const FORMS: readonly Form[] = ['consensus', 'blind', 'latency'];
/** A time to live that stays an exact number of microseconds. */
const TTL_MS_MAX = 8_000_000_000_000;

/** The columns that not every request has a place in. */
interface SparseColumns {
  readonly operations: Ballot[];
  readonly fingerprints: number[];
  readonly values: Uint8Array[];
  readonly ttls: Micros[];
  readonly versions: Version[];
  readonly names: string[];
  readonly limits: number[];
  readonly ends: string[];
  readonly floors: Ballot[];
}

export function writeRequests(writer: FrameWriter, requests: readonly Request[]): void {
  const sparse: SparseColumns = {
    operations: [],
    fingerprints: [],
    values: [],
    ttls: [],
    versions: [],
    names: [],
    limits: [],
    ends: [],
    floors: [],
  };
  const bits = requests.map((request) => gather(request, sparse));
  writeUints(writer, bits);
  writeTexts(
    writer,
    requests.map((request) => (request.kind === 'list' ? request.from : request.key)),
  );
  writeUints(
    writer,
    requests.map((request) => Math.min(Math.max(Math.ceil(request.timeoutMs), 0), UINT_MAX)),
  );
  writeBallots(writer, sparse.operations);
  writeUints(writer, sparse.fingerprints);
  writeByteArrays(writer, sparse.values);
  writeIntegers(writer, sparse.ttls);
  writeVersions(writer, sparse.versions);
  writeTexts(writer, sparse.names);
  writeUints(writer, sparse.limits);
  writeTexts(writer, sparse.ends);
  writeBallots(writer, sparse.floors);
}

/**
 * Throws a CodecError for columns that contradict themselves. Keys and values are not judged here: what is wrong
 * with one of them is the answer to that one request.
 */
export function readRequests(reader: FrameReader, count: number): Request[] {
  const bits = readUints(reader, count, KNOWN_BITS);
  const keys = readTexts(reader, count);
  const timeouts = readUints(reader, count);
  const columns = new RequestColumns(reader, countBits(bits));
  const requests = new Array<Request>(count);
  for (let i = 0; i < count; i += 1) requests[i] = columns.next(bits[i]!, keys[i]!, timeouts[i]!);
  return requests;
}

function gather(request: Request, sparse: SparseColumns): number {
  if (request.kind === 'mutate') return gatherMutation(request, sparse);
  if (request.kind === 'get') return gatherGet(request, sparse);
  sparse.limits.push(Math.min(request.limit, UINT_MAX));
  sparse.ends.push(request.to);
  return LIST | (request.reverse ? REVERSE : 0);
}

function gatherGet({ level, allowStale, known, after }: GetRequest, sparse: SparseColumns): number {
  const bits = GET | levelBits(level) | (allowStale ? STALE : 0);
  if (known !== undefined) sparse.versions.push(known);
  if (after === undefined) return bits | (known === undefined ? 0 : KNOWN);
  sparse.versions.push(after.version);
  sparse.floors.push(after.accepted);
  return bits | (known === undefined ? 0 : KNOWN) | AFTER;
}

function gatherMutation({ level, operation, name, above }: MutateRequest, sparse: SparseColumns): number {
  const { mutation } = operation;
  if (above !== undefined) sparse.floors.push(above);
  sparse.operations.push(operation.id);
  sparse.fingerprints.push(operation.fingerprint);
  if (name !== null) sparse.names.push(name);
  const bits =
    levelBits(level) |
    (FORMS.indexOf(operation.form) << FORM_SHIFT) |
    gatherExpectation(mutation.expect, sparse) |
    (name === null ? 0 : NAMED) |
    (above === undefined ? 0 : AFTER);
  if (mutation.kind === 'delete') return DELETE | bits;
  sparse.values.push(mutation.value);
  if (mutation.ttlMs > 0) sparse.ttls.push(mutation.ttlMs);
  return PUT | bits | (mutation.encoding === 'msgpack' ? MSGPACK : 0) | (mutation.ttlMs > 0 ? EXPIRES : 0);
}

function gatherExpectation(expect: Expectation | null, sparse: SparseColumns): number {
  if (expect === null) return 0;
  if (expect === 'absent') return EXPECT_ABSENT;
  sparse.versions.push(expect);
  return EXPECT_VERSION;
}

function levelBits(level: Level | null): number {
  return level === null ? 0 : (LEVELS.indexOf(level) + 1) << LEVEL_SHIFT;
}

interface Counts {
  mutations: number;
  puts: number;
  ttls: number;
  versions: number;
  names: number;
  lists: number;
  floors: number;
}

/** How long each sparse column must be; also that no request has bits that its kind has no use for. */
function countBits(bits: readonly number[]): Counts {
  const counts: Counts = { mutations: 0, puts: 0, ttls: 0, versions: 0, names: 0, lists: 0, floors: 0 };
  for (const word of bits) {
    const kind = word & KIND_BITS;
    if ((word & ~usedBits(kind)) !== 0)
      throw new CodecError(`request bits 0x${word.toString(16)} contradict each other`);
    if (kind === LIST) counts.lists += 1;
    if ((word & KNOWN) !== 0) counts.versions += 1;
    if ((word & AFTER) !== 0) counts.floors += 1;
    if ((word & AFTER) !== 0 && kind === GET) counts.versions += 1;
    if (kind !== PUT && kind !== DELETE) continue;
    counts.mutations += 1;
    if (kind === PUT) counts.puts += 1;
    if ((word & EXPIRES) !== 0) counts.ttls += 1;
    if ((word & EXPECT_VERSION) !== 0) counts.versions += 1;
    if ((word & NAMED) !== 0) counts.names += 1;
    if ((word & EXPECT_ABSENT) !== 0 && (word & EXPECT_VERSION) !== 0)
      throw new CodecError('two expectations for one mutation');
  }
  return counts;
}

function usedBits(kind: number): number {
  const level = 3 << LEVEL_SHIFT;
  const mutation = KIND_BITS | level | (3 << FORM_SHIFT) | EXPECT_ABSENT | EXPECT_VERSION | NAMED | AFTER;
  switch (kind) {
    case GET:
      return KIND_BITS | level | STALE | KNOWN | AFTER;
    case PUT:
      return mutation | MSGPACK | EXPIRES;
    case DELETE:
      return mutation;
    default:
      return KIND_BITS | REVERSE;
  }
}

/** Takes from each column what the next request's bits say it has there. */
class RequestColumns {
  readonly #operations: readonly Ballot[];
  readonly #fingerprints: readonly number[];
  readonly #values: readonly Uint8Array[];
  readonly #ttls: readonly number[];
  readonly #versions: readonly Version[];
  readonly #names: readonly string[];
  readonly #limits: readonly number[];
  readonly #ends: readonly string[];
  readonly #floors: readonly Ballot[];
  #floor = 0;
  #mutation = 0;
  #value = 0;
  #ttl = 0;
  #version = 0;
  #name = 0;
  #list = 0;

  constructor(reader: FrameReader, counts: Counts) {
    this.#operations = readBallots(reader, counts.mutations, false);
    this.#fingerprints = readUints(reader, counts.mutations);
    this.#values = readByteArrays(reader, counts.puts);
    this.#ttls = readIntegers(reader, counts.ttls);
    this.#versions = readVersions(reader, counts.versions);
    this.#names = readTexts(reader, counts.names);
    this.#limits = readUints(reader, counts.lists);
    this.#ends = readTexts(reader, counts.lists);
    this.#floors = readBallots(reader, counts.floors, false);
    if (this.#ttls.some((ttl) => ttl === 0 || ttl > TTL_MS_MAX)) throw new CodecError('a time to live out of range');
    if (this.#operations.some((id) => id.sub !== 0)) throw new CodecError('the id of an operation with a sub');
  }

  next(bits: number, key: string, timeoutMs: number): Request {
    const kind = bits & KIND_BITS;
    if (kind === LIST) return this.#listRequest(bits, key, timeoutMs);
    const level = levelOf(bits);
    if (kind === GET) return this.#getRequest(bits, key, timeoutMs);
    const name = (bits & NAMED) === 0 ? null : this.#names[this.#name++]!;
    const above = (bits & AFTER) === 0 ? undefined : this.#floors[this.#floor++]!;
    return { kind: 'mutate', key, level, operation: this.#operation(kind, bits), name, above, timeoutMs };
  }

  #getRequest(bits: number, key: string, timeoutMs: number): GetRequest {
    const known = (bits & KNOWN) === 0 ? undefined : this.#versions[this.#version++]!;
    const after = (bits & AFTER) === 0 ? undefined : this.#nextFloor();
    return { kind: 'get', key, level: levelOf(bits), allowStale: (bits & STALE) !== 0, known, after, timeoutMs };
  }

  #nextFloor(): Floor {
    return { accepted: this.#floors[this.#floor++]!, version: this.#versions[this.#version++]! };
  }

  #listRequest(bits: number, from: string, timeoutMs: number): Request {
    const at = this.#list++;
    const reverse = (bits & REVERSE) !== 0;
    return { kind: 'list', from, to: this.#ends[at]!, reverse, limit: this.#limits[at]!, timeoutMs };
  }

  #operation(kind: number, bits: number): Operation {
    const form = FORMS[(bits >> FORM_SHIFT) & 3];
    if (form === undefined) throw new CodecError('an operation of an unknown form');
    const at = this.#mutation++;
    const mutation = kind === PUT ? this.#put(bits) : ({ kind: 'delete', expect: this.#expectation(bits) } as const);
    return { id: this.#operations[at]!, form, mutation, fingerprint: this.#fingerprints[at]! };
  }

  #put(bits: number): Mutation {
    return {
      kind: 'put',
      value: this.#values[this.#value++]!,
      encoding: (bits & MSGPACK) === 0 ? 'bytes' : 'msgpack',
      ttlMs: (bits & EXPIRES) === 0 ? 0 : this.#ttls[this.#ttl++]!,
      expect: this.#expectation(bits),
    };
  }

  #expectation(bits: number): Expectation | null {
    if ((bits & EXPECT_ABSENT) !== 0) return 'absent';
    return (bits & EXPECT_VERSION) === 0 ? null : this.#versions[this.#version++]!;
  }
}

function levelOf(bits: number): Level | null {
  const level = (bits >> LEVEL_SHIFT) & 3;
  return level === 0 ? null : LEVELS[level - 1]!;
}
