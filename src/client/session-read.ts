/**
 * A read that shows no less than its session has seen: asks as any read does, and where the answer is behind, every
 * home replica again and again until one has caught up or the time is up.
 */
import { isNone } from '../core/ballot.js';
import { FulcrumError } from '../core/errors.js';
import type { Reply, ValueReply } from '../core/request.js';
import type { Standing } from '../core/session-token.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import { signalOf } from './arguments.js';
import type { Carrier } from './call.js';
import type { Waiter } from './calls.js';
import type { Dispatch } from './dispatch.js';
import type { GetOptions } from './options.js';
import type { GetResult } from './results.js';
import { showsNoLess } from './standings.js';

/** Between two questions to one replica: full jitter under a bound that doubles. */
const PAUSE_MIN_MS = 4;
const PAUSE_MAX_MS = 128;

export interface SessionReadParts {
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly random: Random;
  /** The key's home replicas that are connected. */
  homes(key: string): readonly Carrier[];
  /** How many home replicas a key has. */
  replicasOf(key: string): number;
}

/** What is known of one home replica by now. */
type Finding = 'behind' | 'empty' | FulcrumError;

export class SessionRead {
  readonly #parts: SessionReadParts;
  readonly #key: string;
  readonly #options: GetOptions;
  readonly #deadlineMs: number;
  readonly #standing: Standing | undefined;
  readonly #waiter: Waiter<GetResult>;
  readonly #findings = new Map<string, Finding>();
  readonly #pauses = new Set<Timer>();
  /** Ends the questions that are still out. */
  #end: AbortController | undefined;
  #settled = false;

  /** @param waiter - told of an answer that is not behind */
  constructor(
    parts: SessionReadParts,
    key: string,
    options: GetOptions,
    deadlineMs: number,
    standing: Standing | undefined,
    waiter: Waiter<GetResult>,
  ) {
    this.#parts = parts;
    this.#key = key;
    this.#options = options;
    this.#deadlineMs = deadlineMs;
    this.#standing = standing;
    this.#waiter = waiter;
  }

  start(): void {
    const first: Waiter<GetResult> = {
      resolve: (result, reply) => {
        if (this.#shows(reply as ValueReply)) this.#waiter.resolve(result, reply);
        else this.#askAll();
      },
      reject: (error) => this.#waiter.reject(error),
    };
    this.#parts.dispatch.get(this.#key, this.#options, this.#deadlineMs, first, { after: this.#standing });
  }

  #shows(reply: ValueReply): boolean {
    return showsNoLess(this.#standing, reply);
  }

  #askAll(): void {
    const { clock } = this.#parts;
    const signal = signalOf(this.#options);
    this.#end = new AbortController();
    if (signal !== undefined) this.#endWith(signal, this.#end);
    this.#pauses.add(clock.setTimer(Math.max(0, this.#deadlineMs - clock.monotonicMs()), () => this.#giveUp()));
    for (const home of this.#parts.homes(this.#key)) this.#ask(home, 0);
  }

  #endWith(signal: AbortSignal, end: AbortController): void {
    const pass = (): void => end.abort(signal.reason);
    if (signal.aborted) pass();
    else signal.addEventListener('abort', pass, { once: true, signal: end.signal });
  }

  #ask(target: Carrier, times: number): void {
    if (this.#settled) return;
    const waiter: Waiter<GetResult> = {
      resolve: (result, reply) => this.#answered(target, times, result, reply),
      reject: (error) => {
        if (error.code === 'ABORTED') this.#settle(() => this.#waiter.reject(error));
        else this.#again(target, times, error);
      },
    };
    const options = { ...this.#options, signal: this.#end!.signal };
    this.#parts.dispatch.get(this.#key, options, this.#deadlineMs, waiter, { after: this.#standing, target });
  }

  #answered(target: Carrier, times: number, result: GetResult, reply: Reply): void {
    const value = reply as ValueReply;
    if (this.#shows(value)) this.#settle(() => this.#waiter.resolve(result, reply));
    else if (isNone(value.accepted) && this.#areAllEmpty(target))
      this.#settle(() => this.#waiter.resolve(result, reply));
    else this.#again(target, times, isNone(value.accepted) ? 'empty' : 'behind');
  }

  /** What every home replica has no record of any more was deleted, and the deletion forgotten (PROTOCOL.md rule 17). */
  #areAllEmpty(last: Carrier): boolean {
    const empty = [...this.#findings].filter(([name, finding]) => finding === 'empty' && name !== last.name);
    return empty.length + 1 >= this.#parts.replicasOf(this.#key);
  }

  #again(target: Carrier, times: number, finding: Finding): void {
    if (this.#settled) return;
    this.#findings.set(target.name, finding);
    const { clock, random } = this.#parts;
    const pauseMs = random.unit() * Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** times);
    const pause = clock.setTimer(pauseMs, () => {
      this.#pauses.delete(pause);
      this.#ask(target, times + 1);
    });
    this.#pauses.add(pause);
  }

  #giveUp(): void {
    this.#settle(() => this.#waiter.reject(notCaughtUp(this.#key, this.#findings)));
  }

  #settle(tell: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    for (const pause of this.#pauses) pause.cancel();
    this.#pauses.clear();
    tell();
    // Not in the middle of an answer, which belongs to one of the calls that this ends.
    this.#parts.clock.defer(() => this.#end?.abort(new Error('the read of the session is over')));
  }
}

function notCaughtUp(key: string, findings: ReadonlyMap<string, Finding>): FulcrumError {
  const [behind, missing]: [string[], string[]] = [[], []];
  for (const [name, finding] of findings) (finding instanceof FulcrumError ? missing : behind).push(name);
  const message =
    `no home replica of ${JSON.stringify(key)} shows what this session has seen of it; behind: ${listed(behind)}; ` +
    `without an answer: ${listed(missing)}. A copy is still on its way, or what was written at ONE was lost to another ` +
    'write. Ask again later, or take what there is: session.forget(key), or a read outside of the session';
  return new FulcrumError({
    code: 'UNAVAILABLE',
    message,
    definite: true,
    retryable: true,
    required: 1,
    received: 0,
    missing,
  });
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
