/** A node that serves each client only so fast. */
import type { ClientLimit } from '../core/client-limit.js';
import type { Reply, Request } from '../core/request.js';
import type { Clock } from '../ports/clock.js';
import type { Kv } from '../ports/kv.js';
import { ClientAdmission } from './client-admission.js';

export class LimitedKv implements Kv {
  /** Requests that were refused. */
  throttled = 0;
  readonly #kv: Kv;
  readonly #clock: Clock;
  readonly #admission: ClientAdmission | undefined;

  /** `limit` undefined: there is none. */
  constructor(kv: Kv, limit: ClientLimit | undefined, clock: Clock) {
    this.#kv = kv;
    this.#clock = clock;
    if (limit !== undefined) this.#admission = new ClientAdmission(limit);
  }

  execute(request: Request, done: (reply: Reply) => void, client = ''): void {
    const refused = this.#admission?.refusal(client, request, this.#clock.monotonicMs());
    if (refused === undefined) return this.#kv.execute(request, done, client);
    this.throttled += 1;
    done(refused);
  }
}
