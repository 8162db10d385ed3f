/** MurmurHash3 x86 32-bit (Appleby, public domain): places keys on the ring and tells payloads apart. */

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

export function hashBytes(bytes: Uint8Array, seed = 0): number {
  const whole = bytes.length & ~3;
  let hash = seed | 0;
  for (let i = 0; i < whole; i += 4) {
    hash = mix(hash, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
  }
  let tail = 0;
  for (let i = bytes.length - 1; i >= whole; i -= 1) tail = (tail << 8) | bytes[i]!;
  return finish(hash ^ scramble(tail), bytes.length);
}

/** The same function over the UTF-16 code units of a text: equal texts, equal hashes, no encoding needed. */
export function hashText(text: string, seed = 0): number {
  const whole = text.length & ~1;
  let hash = seed | 0;
  for (let i = 0; i < whole; i += 2) hash = mix(hash, text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
  if (whole < text.length) hash ^= scramble(text.charCodeAt(whole));
  return finish(hash, text.length * 2);
}

function scramble(block: number): number {
  const k = Math.imul(block, C1);
  return Math.imul((k << 15) | (k >>> 17), C2);
}

function mix(hash: number, block: number): number {
  const h = hash ^ scramble(block);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number, length: number): number {
  let h = hash ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
