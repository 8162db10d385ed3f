/** What keeps a text that callers carry around from being changed or made up: 16 bytes at its end. */
export const MAC_BYTES = 16;

/** What was encoded, and the MAC that follows it. */
export interface Sealed {
  readonly encoded: Uint8Array;
  readonly mac: Uint8Array;
}

export function joinMac(encoded: Uint8Array, mac: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(encoded.length + MAC_BYTES);
  bytes.set(encoded);
  bytes.set(mac.subarray(0, MAC_BYTES), encoded.length);
  return bytes;
}

/** undefined: too short to have one. */
export function splitMac(bytes: Uint8Array): Sealed | undefined {
  const end = bytes.length - MAC_BYTES;
  return end > 0 ? { encoded: bytes.subarray(0, end), mac: bytes.subarray(end) } : undefined;
}

/** Takes the same time wherever they differ. */
export function sameMac(given: Uint8Array, right: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < MAC_BYTES; i += 1) difference |= given[i]! ^ right[i]!;
  return difference === 0;
}
