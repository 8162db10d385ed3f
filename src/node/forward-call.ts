/** A request to a node that does not own the key, passed on: to the primary when it is alive. */
import type { LinkReply, ReplySink } from './reply-sink.js';
import type { PeerLinks } from './peer-links.js';
import type { Pending } from './pending.js';
import * as refusals from './refusals.js';
import type { Ticking } from './tools.js';

export class ForwardCall implements ReplySink, Ticking {
  readonly #links: PeerLinks;
  readonly #pending: Pending;
  readonly #ended: (call: Ticking) => void;

  constructor(links: PeerLinks, pending: Pending, ended: (call: Ticking) => void) {
    this.#links = links;
    this.#pending = pending;
    this.#ended = ended;
  }

  start(): void {
    const { homes, level, request } = this.#pending;
    const target = homes.find((id) => this.#links.reachable(id));
    if (target !== undefined) {
      this.#links.forward(target, request, this, 0);
      return;
    }
    this.#pending.settle(refusals.unavailable({ level, required: 1, received: 0, missing: homes }));
    this.#ended(this);
  }

  onReply(_token: number, from: string, reply: LinkReply): void {
    if (reply.kind === 'forwarded') this.#pending.settle(reply.reply);
    else this.#fail(`the link to ${from}, to which the request was passed on, was lost`);
    this.#ended(this);
  }

  tick(nowMs: number): void {
    if (nowMs < this.#pending.deadlineMs) return;
    this.#fail('the node to which the request was passed on did not answer in time');
    this.#ended(this);
  }

  #fail(why: string): void {
    this.#pending.settle(this.#pending.operation === 'get' ? refusals.timeout(why) : refusals.outcomeUnknown(why));
  }
}
