/** Read-your-writes and monotonic reads for whoever goes through one session, at any level and through any node. */
import type { Ballot } from '../core/ballot.js';
import { FulcrumError } from '../core/errors.js';
import type { Expectation } from '../core/operation.js';
import { supersededReceipt } from '../core/receipt.js';
import type { MutateReply, Reply, ValueReply } from '../core/request.js';
import { checkKey } from './arguments.js';
import type { Waiter } from './calls.js';
import type {
  CompareAndSetOptions,
  CreateOptions,
  DeleteOptions,
  GetOptions,
  PutOptions,
  SessionOptions,
} from './options.js';
import { refuse } from './options.js';
import type { GetResult, MutateResult } from './results.js';
import { SessionRead, type SessionReadParts } from './session-read.js';
import type { SessionTokens } from './session-tokens.js';
import type { Standings } from './standings.js';
import { expectationOf } from './writes.js';

/** Keys that a session keeps in mind. */
export const SESSION_KEYS = 1_000;
export const SESSION_KEYS_MAX = 10_000;

/**
 * Whoever reads and writes through one session sees what it wrote, and never less than it saw: read-your-writes and
 * monotonic reads, key by key, at every level and whichever node answers. Made by `client.session()`.
 *
 * A read whose answer would show less asks the other home replicas, and waits for one of them to catch up, until its
 * timeout; then it fails with UNAVAILABLE, which says who was behind. It never shows less. A write at ONE that a
 * majority never held can be lost to another one (a compare-and-set that did not see it, a partition); the session
 * then does not pretend that it was there, and reads of that key fail until somebody writes it again, or `forget`.
 *
 * Its writes come after what it saw: where the key's owner has not got that yet, they cost a round more. What was seen is
 * what was answered: a write that failed or whose outcome is unknown promises nothing, nor does one whose receipt says
 * `superseded`: a later one was there, or this session had seen one, from a clock further ahead than the others follow.
 * Operations that overlap promise each other nothing.
 */
export class Session {
  readonly #parts: SessionReadParts;
  readonly #tokens: SessionTokens;
  readonly #standings: Standings;
  readonly #keysMax: number;

  /** Made by `client.session()`. */
  constructor(parts: SessionReadParts, tokens: SessionTokens, standings: Standings, keysMax: number) {
    this.#parts = parts;
    this.#tokens = tokens;
    this.#standings = standings;
    this.#keysMax = keysMax;
  }

  /**
   * What this session has seen so far, for `client.session(token)` here or in another process of the same cluster: a
   * text for headers and cookies, about 31 characters a key. It holds no keys and no values. Sealed like cursors: whoever
   * knows `cursorSecret`, or the cluster's name where there is none, can make one.
   */
  get token(): string {
    return this.#tokens.make(this.#standings.all);
  }

  /** Keys that this session keeps in mind. */
  get keys(): number {
    return this.#standings.size;
  }

  /** As `client.get`, and shows no less than this session has seen of the key. */
  get<T = unknown>(key: string, options: GetOptions = {}): Promise<GetResult<T>> {
    return new Promise((resolve, reject) => {
      this.#checkRoom(key);
      const waiter: Waiter<GetResult> = {
        resolve: (result, reply) => {
          this.#standings.sawValue(key, reply as ValueReply);
          resolve(result as GetResult<T>);
        },
        reject,
      };
      const deadlineMs = this.#parts.dispatch.deadline(options);
      new SessionRead(this.#parts, key, options, deadlineMs, this.#standings.of(key), waiter).start();
    });
  }

  /** As `client.put`; this session's later reads show it, or what came after it. */
  put(key: string, value: unknown, options: PutOptions = {}): Promise<MutateResult> {
    return this.#put(key, value, null, options);
  }

  /** As `client.compareAndSet`. */
  async compareAndSet(key: string, value: unknown, options: CompareAndSetOptions): Promise<MutateResult> {
    return this.#put(key, value, expectationOf((options as CompareAndSetOptions | undefined)?.expect), options);
  }

  /** As `client.create`. */
  create(key: string, value: unknown, options: CreateOptions = {}): Promise<MutateResult> {
    return this.#put(key, value, 'absent', options);
  }

  /** As `client.delete`; this session's later reads do not show what it deleted. */
  delete(key: string, options: DeleteOptions = {}): Promise<MutateResult> {
    return new Promise((resolve, reject) => {
      this.#checkRoom(key);
      const expect = options.expect === undefined ? null : expectationOf(options.expect);
      const { dispatch } = this.#parts;
      const waiter = this.#writing(key, true, resolve, reject);
      const deadlineMs = dispatch.deadline(options);
      dispatch.mutate(key, { kind: 'delete', expect }, options, deadlineMs, waiter, this.#seen(key));
    });
  }

  /** Promises nothing of this key any more: the next read takes what it finds. */
  forget(key: string): void {
    checkKey(key);
    this.#standings.forget(key);
  }

  #put(key: string, value: unknown, expect: Expectation | null, options: PutOptions): Promise<MutateResult> {
    return new Promise((resolve, reject) => {
      this.#checkRoom(key);
      const { dispatch } = this.#parts;
      const waiter = this.#writing(key, false, resolve, reject);
      const terms = { expect, above: this.#seen(key) };
      dispatch.put(key, value, terms, options, dispatch.deadline(options), waiter);
    });
  }

  /** A write that a majority decides is carried out above this, also by a node that does not know of it. */
  #seen(key: string): Ballot | undefined {
    return this.#standings.of(key)?.accepted;
  }

  #writing(
    key: string,
    isDelete: boolean,
    resolve: (result: MutateResult) => void,
    reject: (error: FulcrumError) => void,
  ): Waiter<MutateResult> {
    return {
      resolve: (result, reply: Reply) => {
        const stands = this.#standings.wrote(key, isDelete, reply as MutateReply, this.#parts.replicasOf(key));
        resolve(stands ? result : { ...result, receipt: supersededReceipt(result.receipt) });
      },
      reject,
    };
  }

  /** Rather than forget a key without a word, a full session refuses another one. */
  #checkRoom(key: string): void {
    checkKey(key);
    if (this.#standings.size < this.#keysMax || this.#standings.of(key) !== undefined) return;
    throw new FulcrumError({
      code: 'OVERLOADED',
      message:
        `this session keeps ${this.#standings.size} keys in mind and takes no more, so that it need not forget one. ` +
        'Nothing was sent. Begin another session, forget keys that are done with, or allow more with `keysMax`',
      definite: true,
      retryable: false,
    });
  }
}

export function checkKeysMax({ keysMax = SESSION_KEYS }: SessionOptions): number {
  if (Number.isSafeInteger(keysMax) && keysMax >= 1 && keysMax <= SESSION_KEYS_MAX) return keysMax;
  return refuse(`keysMax must be a whole number from 1 to ${SESSION_KEYS_MAX}, not ${String(keysMax)}`);
}
