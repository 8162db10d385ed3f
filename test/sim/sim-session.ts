/** The session of a client, as the SDK keeps it: what it has seen, and what it makes of an answer. */
import type { ClusterClock } from '../../src/client/cluster-clock.js';
import { showsNoLess, Standings } from '../../src/client/standings.js';
import { supersededReceipt } from '../../src/core/receipt.js';
import type { GetRequest, MutateReply, MutateRequest, ValueReply } from '../../src/core/request.js';
import type { ClientKind } from './plan.js';

export class SimSession {
  readonly #standings = new Standings(new Map());

  constructor(private readonly replicas: number) {}

  /** What a read of the key asks for besides. */
  reads(key: string): Pick<GetRequest, 'after'> {
    const after = this.#standings.of(key);
    return after === undefined ? {} : { after };
  }

  /** What a write to the key asks for besides. */
  writes(key: string): Pick<MutateRequest, 'above'> {
    return { above: this.#standings.of(key)?.accepted };
  }

  shows(key: string, reply: ValueReply): boolean {
    return showsNoLess(this.#standings.of(key), reply);
  }

  /** An answer as the session passes it on; its later operations come after it. */
  saw(
    key: string,
    kind: ClientKind,
    reply: ValueReply | MutateReply,
    clock: ClusterClock,
    nowMs: number,
  ): ValueReply | MutateReply {
    clock.follow(Math.max(reply.version.time, reply.accepted.time), nowMs);
    if (reply.kind === 'value') {
      this.#standings.sawValue(key, reply);
      return reply;
    }
    const stands = this.#standings.wrote(key, kind === 'delete', reply, this.replicas);
    return stands ? reply : { ...reply, receipt: supersededReceipt(reply.receipt) };
  }
}
