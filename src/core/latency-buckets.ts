/** Log-linear buckets for latencies, as in HdrHistogram: a few integer operations find the one of a latency. */

/** Each doubling is cut into 16, so that a bucket is at most a sixteenth wider than its least latency. */
const CUTS_BITS = 4;
const CUTS = 1 << CUTS_BITS;
/** Microseconds below 2 to this power, 67 s, have buckets of their own; longer ones share the last. */
const OCTAVES = 26;
const MICROS_MAX = 2 ** OCTAVES - 1;

export const LATENCY_BUCKETS = (OCTAVES - CUTS_BITS + 1) * CUTS;

/** Of a latency in milliseconds; below nothing counts as nothing. */
export function latencyBucket(latencyMs: number): number {
  const micros = Math.min(MICROS_MAX, Math.max(0, latencyMs * 1_000)) | 0;
  if (micros < CUTS) return micros;
  const shift = 31 - Math.clz32(micros) - CUTS_BITS;
  return shift * CUTS + (micros >>> shift);
}

/** What every latency in the bucket is below, in microseconds. */
export function bucketEndMicros(bucket: number): number {
  if (bucket < CUTS) return bucket + 1;
  const shift = Math.floor(bucket / CUTS) - 1;
  return ((bucket % CUTS) + CUTS + 1) * 2 ** shift;
}

/** The end of the bucket, in milliseconds, that the share `q` of all `total` latencies does not exceed. */
export function bucketQuantileMs(counts: ArrayLike<number>, total: number, q: number): number {
  let left = Math.max(1, Math.ceil(q * total));
  let bucket = 0;
  for (left -= counts[0]!; left > 0; left -= counts[bucket]!) bucket += 1;
  return bucketEndMicros(bucket) / 1_000;
}
