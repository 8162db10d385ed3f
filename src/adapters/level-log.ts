/**
 * LevelDB's logs, looked at before LevelDB does. It takes whatever it cannot read in a log for a write that was cut
 * short by a crash, and forgets it without a word, with all that follows in the same block. That is right for the last
 * write alone: it was never answered. Every write of ours is synced before the next one is begun, so bytes that are
 * wrong before the beginning of another write held something that was acknowledged. The disk has lost it, and the node
 * may not vote as if it had never promised it (PROTOCOL.md rules 2 and 3; "Protocol-Aware Recovery for Consensus-Based
 * Storage", FAST 2018, on telling the two apart).
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import crc32c from 'crc-32/crc32c.js';

/** The format of LevelDB's logs: blocks of fragments of records, none of them across two blocks. */
const BLOCK_BYTES = 32 * 1024;
/** Checksum 4, length 2, kind 1. */
const HEAD_BYTES = 7;
const LENGTH_AT = 4;
const KIND_AT = 6;
const FULL = 1;
const FIRST = 2;
const LAST = 4;

/** Checksums are stored turned and shifted, because checksums of what holds checksums are weak. */
const MASK_DELTA = 0xa282ead8;

/** Throws where a log of the store in `folder` has lost something that had been synced. Reads every log through. */
export async function checkLogs(folder: string): Promise<void> {
  for (const file of (await readdir(folder)).filter((name) => /^\d+\.log$/.test(name)).sort()) {
    const at = lostAt(await contentOf(join(folder, file)));
    if (at !== undefined) throw new Error(`corruption: ${file} is wrong at byte ${at}, before writes that are whole`);
  }
}

/** Nothing of a log that the process which has the store open has just removed. */
async function contentOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array(0);
    throw error;
  }
}

/** Where something was lost that another write follows, or undefined. Whatever is wrong behind the last one counts not. */
function lostAt(log: Uint8Array): number | undefined {
  let wrongAt: number | undefined;
  for (let block = 0; block < log.length; block += BLOCK_BYTES) {
    const end = Math.min(block + BLOCK_BYTES, log.length);
    for (let at = block; end - at >= HEAD_BYTES;) {
      const kind = kindAt(log, at, end);
      if (kind === undefined) {
        // A length may be what is wrong: the next fragment can begin anywhere.
        wrongAt ??= at;
        at += 1;
        continue;
      }
      if (wrongAt !== undefined && (kind === FULL || kind === FIRST)) return wrongAt;
      at += HEAD_BYTES + lengthAt(log, at);
    }
  }
  return undefined;
}

/** Of the fragment there; undefined where there is none that is whole. */
function kindAt(log: Uint8Array, at: number, end: number): number | undefined {
  const kind = log[at + KIND_AT]!;
  const length = lengthAt(log, at);
  if (kind < FULL || kind > LAST || at + HEAD_BYTES + length > end) return undefined;
  const actual = crc32c.buf(log.subarray(at + KIND_AT, at + HEAD_BYTES + length));
  return masked(actual) === checksumAt(log, at) ? kind : undefined;
}

function lengthAt(log: Uint8Array, at: number): number {
  return log[at + LENGTH_AT]! | (log[at + LENGTH_AT + 1]! << 8);
}

function checksumAt(log: Uint8Array, at: number): number {
  return (log[at]! | (log[at + 1]! << 8) | (log[at + 2]! << 16) | (log[at + 3]! << 24)) >>> 0;
}

function masked(checksum: number): number {
  return (((checksum >>> 15) | (checksum << 17)) + MASK_DELTA) >>> 0;
}
