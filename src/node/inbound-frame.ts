/** Collects the answers to one frame of a peer, and sends as few reply frames as it can. */
import { LARGE_VALUE_BYTES } from '../core/defaults.js';
import type { PeerReply } from '../core/peer-message.js';
import type { RepairReply } from '../core/repair-message.js';
import type { Reply } from '../core/request.js';
import type { Clock } from '../ports/clock.js';
import type { ReplyFrame } from '../ports/peers.js';
import type { LinkReply, ReplySink } from './reply-sink.js';

type Respond = (frame: ReplyFrame) => void;

/** Answers to prepare, accept and read: the usual case, all accepted or all the same, is one small frame. */
export class InboundFrame implements ReplySink {
  #accepted: number[] = [];
  #same: number[] = [];
  #others: { readonly index: number; readonly reply: PeerReply }[] = [];
  #left: number;
  #armed = false;

  constructor(
    private readonly to: number,
    private readonly size: number,
    private readonly respond: Respond,
    private readonly clock: Clock,
  ) {
    this.#left = size;
  }

  onReply(index: number, _from: string, reply: LinkReply): void {
    if (reply.kind === 'accepted') this.#accepted.push(index);
    else if (reply.kind === 'same') this.#same.push(index);
    else if (reply.kind !== 'unreachable' && reply.kind !== 'forwarded' && reply.kind !== 'repaired')
      this.#others.push({ index, reply });
    this.#left -= 1;
    if (this.#left === 0) this.#flush();
    else if (!this.#armed) {
      this.#armed = true;
      this.clock.defer(() => {
        this.#armed = false;
        this.#flush();
      });
    }
  }

  #flush(): void {
    this.#uniform('accepted', this.#accepted);
    this.#uniform('same', this.#same);
    this.#accepted = [];
    this.#same = [];
    const others = this.#others;
    this.#others = [];
    for (const bulk of [false, true]) {
      const some = others.filter(({ reply }) => isBulk(reply) === bulk);
      if (some.length === 0) continue;
      this.respond({
        kind: 'replies',
        to: this.to,
        bulk,
        indexes: some.map(({ index }) => index),
        replies: some.map(({ reply }) => reply),
      });
    }
  }

  #uniform(reply: 'accepted' | 'same', indexes: readonly number[]): void {
    if (indexes.length === 0) return;
    const all = indexes.length === this.size;
    this.respond({ kind: 'uniform', to: this.to, bulk: false, indexes: all ? null : indexes, reply });
  }
}

/** Answers that may take their time: each is sent in the turn in which it is there, together with its neighbours. */
export class InboundAnswers<R extends Reply | RepairReply> {
  #indexes: number[] = [];
  #replies: R[] = [];
  #armed = false;

  constructor(
    private readonly to: number,
    private readonly kind: 'forwarded' | 'repaired',
    private readonly respond: Respond,
    private readonly clock: Clock,
  ) {}

  at(index: number): (reply: R) => void {
    return (reply) => {
      this.reply(index, reply);
    };
  }

  reply(index: number, reply: R): void {
    if (reply.kind === 'value' && (reply.value?.length ?? 0) > LARGE_VALUE_BYTES) {
      this.#send(true, [index], [reply]);
      return;
    }
    this.#indexes.push(index);
    this.#replies.push(reply);
    if (this.#armed) return;
    this.#armed = true;
    this.clock.defer(() => {
      this.#armed = false;
      const indexes = this.#indexes;
      const replies = this.#replies;
      this.#indexes = [];
      this.#replies = [];
      this.#send(false, indexes, replies);
    });
  }

  #send(bulk: boolean, indexes: readonly number[], replies: readonly R[]): void {
    this.respond({ kind: this.kind, to: this.to, bulk, indexes, replies } as ReplyFrame);
  }
}

function isBulk(reply: PeerReply): boolean {
  return 'state' in reply && (reply.state?.valueLength ?? 0) > LARGE_VALUE_BYTES;
}
