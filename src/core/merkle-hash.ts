/**
 * Where a key stands in a Merkle tree, and what it adds to its digests.
 *
 * A digest is two 32-bit lanes; that of many keys is their sum in each lane. So it depends on no order, and a
 * record that is replaced is subtracted and added again. Two sets that differ have equal digests once in 2^64.
 */
import type { Ballot } from './ballot.js';
import { hashText } from './hash.js';

/** Children of an inner node. */
export const FAN_OUT = 16;
/** Levels below the root. */
export const DEPTH = 4;
export const LEAVES = FAN_OUT ** DEPTH;

/** Neither is the seed of the ring: the keys of one of its ranges spread over all leaves. */
const PLACE_SEED = 0x6d65726b;
const SECOND_SEED = 0x6c652d32;

const LEAF_SHIFT = 16;
const HIGH = 2 ** 32;

/** 32 bits of the key, whatever the ring looks like; the upper 16 name its leaf. */
export function placeOf(key: string): number {
  return hashText(key, PLACE_SEED);
}

export function leafAt(place: number): number {
  return place >>> LEAF_SHIFT;
}

/** Names of keys in the order of their leaves: an index under them lists the keys of a leaf without a scan. */
export function placeName(key: string): string {
  return hex(placeOf(key), 8) + key;
}

export function keyOfPlaceName(name: string): string {
  return name.slice(8);
}

/** All names of the keys of a leaf are at or above `from` and below `to`. */
export function leafNames(leaf: number): { readonly from: string; readonly to: string } {
  return { from: hex(leaf, 4), to: leaf === LEAVES - 1 ? 'g' : hex(leaf + 1, 4) };
}

/** What the lanes of a key start from; the same for each of its ballots. */
export interface KeyHash {
  readonly place: number;
  readonly second: number;
}

export function hashKey(key: string): KeyHash {
  return { place: placeOf(key), second: hashText(key, SECOND_SEED) };
}

/** The ballot's node is left out, as in a version: its incarnation already tells processes apart. */
export function lane(keyHash: number, { time, sub, incarnation }: Ballot): number {
  return hashText(incarnation, fold(fold(fold(keyHash, time % HIGH), Math.floor(time / HIGH)), sub));
}

/** The finalizer of MurmurHash3, over one more word. */
function fold(hash: number, word: number): number {
  let h = hash ^ Math.imul(word, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) + 0x9e3779b9;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
