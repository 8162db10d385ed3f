/** One HTTP request and its answer as data, so that what answers knows nothing of sockets. */
import type { IncomingHttpHeaders } from 'node:http';

export interface Exchange {
  /** GET for a HEAD as well: the server leaves the body out. */
  readonly method: string;
  /** As it was sent, percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Reads the body, once. Rejects with {@link TooLarge} where it is longer than any value can need. */
  body(): Promise<Buffer>;
  /** Aborted when the asker has gone. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** `limit`: in bytes. */
export class TooLarge extends Error {
  constructor(readonly limit: number) {
    super(`A body is at most ${limit} bytes; this one is longer. Nothing was done. Split it over several keys.`);
  }
}
