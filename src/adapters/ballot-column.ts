/** Ballots as columns: the processes that minted them once, then times, subs and positions. */
import {
  BALLOT_TIME_MAX,
  isIncarnation,
  NO_BALLOT,
  NODE_NAME_LENGTH_MAX,
  sameProcess,
  type Ballot,
  type ProcessId,
} from '../core/ballot.js';
import { CodecError } from './codec-error.js';
import { Dictionary } from './dictionary.js';
import type { FrameReader } from './frame-reader.js';
import type { FrameWriter } from './frame-writer.js';
import { indexAt, readIndexes, readUints, writeIndexes, writeUints } from './number-column.js';

/** One frame holds at most this many processes: as many as it has ballots. */
export const PROCESSES_MAX = 0x1_0000;
/** A node's name is at most this many UTF-16 units, each at most three bytes. */
const NODE_NAME_BYTES_MAX = NODE_NAME_LENGTH_MAX * 3;

export function writeBallots(writer: FrameWriter, ballots: readonly Ballot[]): void {
  const count = ballots.length;
  const processes = new Dictionary<ProcessId>(sameProcess, (process) => `${process.incarnation}${process.node}`);
  const indexes = ballots.map((ballot) => processes.indexOf(ballot));
  writer.array(processes.entries.length * 2);
  for (const process of processes.entries) writeProcess(writer, process);
  writeIndexes(writer, indexes, processes.entries.length);
  const times = writer.column(count * 8);
  for (let i = 0; i < count; i += 1) writer.putFloat(times + i * 8, ballots[i]!.time);
  writeUints(
    writer,
    ballots.map((ballot) => ballot.sub),
  );
}

/** @param allowNone - whether a ballot may be none */
export function readBallots(reader: FrameReader, count: number, allowNone: boolean): Ballot[] {
  const processes = readProcesses(reader, count, allowNone);
  const indexes = readIndexes(reader, count, processes.length);
  const times = reader.column(count * 8);
  const subs = readUints(reader, count);
  const ballots = new Array<Ballot>(count);
  for (let i = 0; i < count; i += 1) {
    const { node, incarnation } = processes[indexAt(reader, indexes, i)]!;
    const time = reader.getFloat(times + i * 8);
    const sub = subs[i]!;
    ballots[i] = node === '' ? none(time, sub) : { time: checkTime(time), node, incarnation, sub };
  }
  return ballots;
}

export function writeProcess(writer: FrameWriter, process: ProcessId): void {
  writer.text(process.node);
  writer.text(process.incarnation);
}

export function readProcess(reader: FrameReader): ProcessId {
  const node = readNodeName(reader);
  const incarnation = reader.text(16);
  if (!isIncarnation(incarnation)) throw new CodecError('an incarnation that is not 16 hexadecimal digits');
  return { node, incarnation };
}

export function readNodeName(reader: FrameReader): string {
  const name = reader.text(NODE_NAME_BYTES_MAX);
  if (name.length === 0 || name.length > NODE_NAME_LENGTH_MAX)
    throw new CodecError('the name of a node is empty or too long');
  return name;
}

function readProcesses(reader: FrameReader, ballots: number, allowNone: boolean): ProcessId[] {
  const texts = reader.array(Math.min(ballots, PROCESSES_MAX) * 2);
  if (texts % 2 !== 0) throw new CodecError('a process without an incarnation');
  const processes: ProcessId[] = [];
  for (let i = 0; i < texts; i += 2) processes.push(allowNone ? readProcessOrNone(reader) : readProcess(reader));
  return processes;
}

function readProcessOrNone(reader: FrameReader): ProcessId {
  if (!reader.emptyText()) return readProcess(reader);
  if (!reader.emptyText()) throw new CodecError('an incarnation without a node');
  return NO_BALLOT;
}

function none(time: number, sub: number): Ballot {
  if (time !== 0 || sub !== 0) throw new CodecError('a ballot that nobody minted');
  return NO_BALLOT;
}

function checkTime(time: number): number {
  if (!Number.isSafeInteger(time) || time <= 0 || time > BALLOT_TIME_MAX)
    throw new CodecError(`${time} is not the time of a ballot`);
  return time;
}
