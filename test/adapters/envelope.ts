/** Frames taken apart and put together by hand, as another implementation of the protocol would. */

/** `message Frame { bytes payload = 1; }` around a payload. */
export function enveloped(payload: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = payload.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.from([0x0a, ...length, rest, ...payload]);
}

export function payloadOf(frame: Buffer): Buffer {
  let at = 1;
  while (frame[at]! >= 0x80) at += 1;
  return frame.subarray(at + 1);
}
