/** Replies on their way to one stream of a client: all that are ready in one turn of the event loop make a frame. */
import type { Micros } from '../core/ballot.js';
import { FRAME_BYTES_MAX } from '../core/defaults.js';
import type { Reply } from '../core/request.js';
import type { Clock } from '../ports/clock.js';
import type { PipeReply } from '../ports/pipe.js';
import { partEnd, replyBytes } from './frame-parts.js';
import { encodeReplies } from './pipe-frames.js';
import type { ServedCall } from './served-call.js';

export class ReplyLane {
  readonly call: ServedCall;
  readonly #clock: Clock;
  readonly #now: () => Micros;
  readonly #onFlushed: () => void;
  #waiting: PipeReply[] = [];
  #waitingBytes = 0;
  #isScheduled = false;

  /** @param now - the node's clock, told to the client with each frame */
  constructor(call: ServedCall, clock: Clock, now: () => Micros, onFlushed: () => void) {
    this.call = call;
    this.#clock = clock;
    this.#now = now;
    this.#onFlushed = onFlushed;
  }

  /** Whether the client does not read fast enough for more to be asked on its behalf. */
  get isBackedUp(): boolean {
    return this.call.isBackedUp || this.#waitingBytes > FRAME_BYTES_MAX * 2;
  }

  add(id: number, reply: Reply): void {
    this.#waiting.push({ id, reply });
    this.#waitingBytes += replyBytes(reply);
    this.#schedule();
  }

  /** Sends what is waiting, as far as the stream takes it. */
  flush(): void {
    let from = 0;
    while (from < this.#waiting.length && !this.call.isBackedUp) from = this.#sendFrom(from);
    if (from > 0) this.#waiting = from === this.#waiting.length ? [] : this.#waiting.slice(from);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.defer(() => {
      this.#isScheduled = false;
      this.flush();
      this.#onFlushed();
    });
  }

  #sendFrom(from: number): number {
    const to = partEnd(this.#waiting, from, itemBytes);
    const isAll = from === 0 && to === this.#waiting.length;
    const part = isAll ? this.#waiting : this.#waiting.slice(from, to);
    for (const item of part) this.#waitingBytes -= itemBytes(item);
    this.call.send(encodeReplies(part, this.#now()));
    return to;
  }
}

function itemBytes({ reply }: PipeReply): number {
  return replyBytes(reply);
}
