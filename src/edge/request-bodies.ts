/** The bodies of requests, read whole: each bounded, and all that are being read at a time together. */
import type { IncomingMessage } from 'node:http';
import { VALUE_BYTES_MAX } from '../core/defaults.js';
import { FulcrumError } from '../core/errors.js';
import { TooLarge } from './exchange.js';

/** JSON of a value takes more room than the value. */
const BODY_BYTES_MAX = 2 * VALUE_BYTES_MAX;
const ALL_BYTES_MAX = 128 * 1024 * 1024;

export class RequestBodies {
  readonly #allBytesMax: number;
  #allBytes = 0;

  /** In bytes; 128 MiB by default. */
  constructor(allBytesMax = ALL_BYTES_MAX) {
    this.#allBytesMax = allBytesMax;
  }

  /** Rejects with {@link TooLarge}, and with OVERLOADED where others take up the room. */
  async read(request: AsyncIterable<Buffer> | IncomingMessage): Promise<Buffer> {
    const parts: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const part of request as AsyncIterable<Buffer>) {
        bytes += part.length;
        this.#allBytes += part.length;
        if (bytes > BODY_BYTES_MAX) throw new TooLarge(BODY_BYTES_MAX);
        if (this.#allBytes > this.#allBytesMax) throw overloaded();
        parts.push(part);
      }
      return Buffer.concat(parts);
    } finally {
      this.#allBytes -= bytes;
    }
  }
}

function overloaded(): FulcrumError {
  const message =
    'This gateway is reading as many bodies as it has room for. Nothing was done. Send this one again later.';
  return new FulcrumError({ code: 'OVERLOADED', message, definite: true, retryable: true, retryAfterMs: 1_000 });
}
