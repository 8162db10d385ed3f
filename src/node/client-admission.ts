/** Lets each client ask this node only so fast; whoever is too fast is told when to come back. */
import { CLIENTS_LIMITED_MAX } from '../core/defaults.js';
import type { ClientLimit } from '../core/client-limit.js';
import type { ErrorReply, Request } from '../core/request.js';
import { TokenBucket } from '../core/token-bucket.js';
import * as refusals from './refusals.js';
import { sizeOf } from './request-check.js';

/** How often it looks for clients that can be forgotten. */
const SWEEP_AFTER_MS = 1_000;

/**
 * One token bucket a client. A client whose bucket is full again is like one that was never seen, so that it may be
 * forgotten when there are too many. Where none can be, new ones share a bucket, and begin with an empty one of their
 * own once there is room: nobody is ever let through faster than its own bucket would have.
 */
export class ClientAdmission {
  readonly #limit: ClientLimit;
  readonly #clientsMax: number;
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #others: TokenBucket;
  #sharedMs = -Infinity;
  #sweptMs = -Infinity;

  constructor(limit: ClientLimit, clientsMax = CLIENTS_LIMITED_MAX) {
    this.#limit = limit;
    this.#clientsMax = clientsMax;
    this.#others = new TokenBucket(limit);
  }

  /** Clients that are remembered. */
  get clients(): number {
    return this.#buckets.size;
  }

  /** undefined: the request may go on. Else its answer. */
  refusal(client: string, request: Request, nowMs: number): ErrorReply | undefined {
    const cost = this.#costOf(request);
    const { burst } = this.#others;
    if (cost > burst) return refusals.aboveClientLimit(cost, burst);
    const taken = this.#bucketOf(client, nowMs).tryTake(cost, nowMs);
    return taken.granted ? undefined : refusals.throttled(this.#limit.ratePerSecond, taken.retryAfterMs);
  }

  #costOf(request: Request): number {
    const { perByte = 0 } = this.#limit;
    return perByte === 0 || request.kind === 'list' ? 1 : 1 + sizeOf(request) * perByte;
  }

  #bucketOf(client: string, nowMs: number): TokenBucket {
    const known = this.#buckets.get(client);
    if (known !== undefined) return known;
    if (!this.#hasRoom(nowMs)) {
      this.#sharedMs = nowMs;
      return this.#others;
    }
    const bucket = new TokenBucket(this.#limit);
    const isFresh = nowMs - this.#sharedMs > (bucket.burst / bucket.ratePerSecond) * 1_000;
    if (!isFresh) bucket.tryTake(bucket.burst, nowMs);
    this.#buckets.set(client, bucket);
    return bucket;
  }

  #hasRoom(nowMs: number): boolean {
    if (this.#buckets.size < this.#clientsMax) return true;
    if (nowMs - this.#sweptMs < SWEEP_AFTER_MS) return false;
    this.#sweptMs = nowMs;
    for (const [client, bucket] of this.#buckets) {
      if (bucket.waitMs(bucket.burst, nowMs) === 0) this.#buckets.delete(client);
    }
    return this.#buckets.size < this.#clientsMax;
  }
}
