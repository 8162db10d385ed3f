/** How much a node takes on at once: beyond it requests are refused before memory grows. */
import { IN_FLIGHT_BYTES_MAX, IN_FLIGHT_REQUESTS_MAX } from '../core/defaults.js';

export class Admission {
  requests = 0;
  bytes = 0;

  constructor(
    private readonly requestsMax = IN_FLIGHT_REQUESTS_MAX,
    private readonly bytesMax = IN_FLIGHT_BYTES_MAX,
  ) {}

  /** Why a request of this size cannot be taken now; undefined: it is taken, and has to be released. */
  take(bytes: number): string | undefined {
    if (this.requests >= this.requestsMax) return `this node is working on ${this.requests} requests already`;
    if (this.bytes + bytes > this.bytesMax)
      return `the requests this node is working on hold ${this.bytes} bytes already`;
    this.requests += 1;
    this.bytes += bytes;
    return undefined;
  }

  release(bytes: number): void {
    this.requests -= 1;
    this.bytes -= bytes;
  }
}
