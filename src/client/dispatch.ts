/** Makes calls of what a caller asks, checked and with its defaults filled in, and hands them to the engine. */
import type { Ballot } from '../core/ballot.js';
import { valueProblem } from '../core/limits.js';
import type { Floor } from '../core/floor.js';
import type { Level } from '../core/level.js';
import type { Mutation } from '../core/operation.js';
import { defaultLevel } from '../core/policy.js';
import type { EncodedValue, ValueCodec } from '../ports/value-codec.js';
import { checkKey, signalOf } from './arguments.js';
import type { Carrier } from './call.js';
import { GetCall, MutateCall, type Waiter } from './calls.js';
import type { Engine } from './engine.js';
import type { NearCache } from './near-cache.js';
import { checkLevel, checkTimeout, refuse } from './options.js';
import type { CallOptions, GetOptions, MutateOptions, PutOptions, Settings } from './options.js';
import { ResolveCall, type ResolveParts, type Sought } from './resolve.js';
import type { GetResult, MutateResult } from './results.js';
import { checkTtl, checkVersion, writeOf, type Terms } from './writes.js';

/** What a session asks of a read beside what its caller does. */
export interface Aim {
  readonly after?: Floor | undefined;
  /** The one node to ask; null: any. */
  readonly target?: Carrier | null;
}

const ANY: Aim = Object.freeze({});

export class Dispatch {
  /** Kept up with what this client writes. */
  cache: NearCache | undefined;

  constructor(
    private readonly settings: Pick<Settings, 'level' | 'timeoutMs'>,
    private readonly engine: Engine,
    private readonly codec: ValueCodec,
  ) {}

  get(
    key: string,
    options: GetOptions,
    deadlineMs: number,
    waiter: Waiter<GetResult>,
    { after, target = null }: Aim = ANY,
  ): void {
    checkKey(key);
    const { allowStale = false, knownVersion } = options;
    const known = knownVersion === undefined ? undefined : checkVersion('knownVersion', knownVersion);
    const read = { level: this.level(options), allowStale, known, after, target };
    this.engine.start(new GetCall(key, deadlineMs, read, this.codec, waiter), signalOf(options));
  }

  put(
    key: string,
    value: unknown,
    { expect, above }: Terms,
    options: PutOptions,
    deadlineMs: number,
    waiter: Waiter<MutateResult>,
  ): void {
    const { bytes, encoding } = this.#encode(value);
    const ttlMs = checkTtl(options.ttlMs);
    this.mutate(key, { kind: 'put', value: bytes, encoding, ttlMs, expect }, options, deadlineMs, waiter, above);
  }

  mutate(
    key: string,
    mutation: Mutation,
    options: MutateOptions,
    deadlineMs: number,
    waiter: Waiter<MutateResult>,
    above?: Ballot,
  ): void {
    checkKey(key);
    const defaults = { policy: this.engine.nodes.policy, level: this.level(options) };
    const [write, signal] = [writeOf(mutation, above, options, defaults), signalOf(options)];
    const told = this.cache?.watch(key, mutation, waiter) ?? waiter;
    this.engine.start(new MutateCall(key, deadlineMs, write, told), signal);
  }

  /** Looks once what became of an operation. */
  look(
    key: string,
    sought: Sought,
    level: Level,
    options: CallOptions,
    deadlineMs: number,
  ): ReturnType<ResolveParts['look']> {
    return new Promise((resolve, reject) => {
      this.engine.start(new ResolveCall(key, deadlineMs, sought, level, { resolve, reject }), signalOf(options));
    });
  }

  /** The level of a call that may name one. */
  level({ level }: CallOptions): Level {
    if (level !== undefined) return checkLevel(level);
    return this.settings.level ?? defaultLevel(this.engine.nodes.policy);
  }

  /** Until when a call that begins now may take, on the monotonic clock. */
  deadline({ timeoutMs }: CallOptions): number {
    const allowedMs = timeoutMs === undefined ? this.settings.timeoutMs : checkTimeout('timeoutMs', timeoutMs);
    return this.engine.now() + allowedMs;
  }

  #encode(value: unknown): EncodedValue {
    let encoded: EncodedValue;
    try {
      encoded = this.codec.encode(value);
    } catch (cause) {
      refuse(`this value cannot be stored: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
    }
    const problem = valueProblem(encoded.bytes);
    return problem === undefined ? encoded : refuse(problem);
  }
}
