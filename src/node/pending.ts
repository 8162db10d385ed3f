/** One client request while this node works on it. Answered exactly once. */
import type { Level } from '../core/level.js';
import type { OperationKind } from '../core/receipt.js';
import type { GetRequest, MutateRequest, Reply } from '../core/request.js';

export class Pending<R extends GetRequest | MutateRequest = GetRequest | MutateRequest> {
  /** Home replicas that could not be reached when the request began, as bits in ring order. */
  unreachable = 0;
  #done: ((reply: Reply) => void) | undefined;

  constructor(
    readonly request: R,
    readonly level: Level,
    /** The key's home replicas in ring order. */
    readonly homes: readonly string[],
    /** Monotonic milliseconds. */
    readonly startedMs: number,
    readonly deadlineMs: number,
    done: (reply: Reply) => void,
  ) {
    this.#done = done;
  }

  get key(): string {
    return this.request.key;
  }

  get operation(): OperationKind {
    return operationKind(this.request);
  }

  get isSettled(): boolean {
    return this.#done === undefined;
  }

  settle(reply: Reply): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(reply);
  }
}

export function operationKind(request: GetRequest | MutateRequest): OperationKind {
  return request.kind === 'get' ? 'get' : request.operation.mutation.kind;
}
