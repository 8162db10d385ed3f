/**
 * Memory for packed states and records. An ArrayBuffer of its own costs about a microsecond and 200 bytes
 * of bookkeeping, more than a small state itself, so small ones share a slab. Whoever lives on keeps the
 * whole slab, so slabs are small, and what is short-lived has slabs of its own.
 */
const SHARE_MAX = 1 / 4;

/** Gives out zeroed bytes that nobody else has or will be given; up to a quarter of a slab from slabs of this size. */
export function slabAllocator(slabBytes: number): (length: number) => Uint8Array {
  const sharedBytesMax = slabBytes * SHARE_MAX;
  let slab = new ArrayBuffer(slabBytes);
  let used = 0;
  return (length) => {
    if (length > sharedBytesMax) return new Uint8Array(length);
    if (used + length > slabBytes) {
      slab = new ArrayBuffer(slabBytes);
      used = 0;
    }
    const bytes = new Uint8Array(slab, used, length);
    used += length;
    return bytes;
  };
}
