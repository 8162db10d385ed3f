import type { Reply, Request } from '../core/request.js';

/** A node as its clients see it: every request is answered exactly once, also when it failed. */
export interface Kv {
  /** `client`: who asks, where it is known and matters. */
  execute(request: Request, done: (reply: Reply) => void, client?: string): void;
}
