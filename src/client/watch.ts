/** Everybody who looks on while a client works: its own counters, and the caller's hook. */
import type { FulcrumError } from '../core/errors.js';
import type { Level } from '../core/level.js';
import type { Clock } from '../ports/clock.js';
import type { Call } from './call.js';
import { Meters } from './meters.js';
import type { Attributes, CallEnd, CallHook, CallStart } from './telemetry.js';

export interface WatchOptions {
  /** Whether to count. */
  readonly metrics: boolean;
  readonly onCall: CallHook | undefined;
}

export class Watch {
  readonly meters = new Meters();
  readonly #counts: boolean;
  readonly #hook: CallHook | undefined;
  readonly #clock: Clock;

  constructor({ metrics, onCall }: WatchOptions, clock: Clock) {
    this.#counts = metrics;
    this.#hook = onCall;
    this.#clock = clock;
  }

  started(call: Call, nowMs: number): void {
    call.startedMs = nowMs;
    if (this.#hook === undefined) return;
    try {
      call.observer = this.#hook(startOf(call)) ?? null;
    } catch (error) {
      this.#throwOutside(error);
    }
  }

  ended(call: Call, error: FulcrumError | undefined, nowMs: number): void {
    if (this.#counts) this.meters.ended(call, error, nowMs);
    const { observer } = call;
    if (observer === null) return;
    call.observer = null;
    try {
      observer(new Ended(call, error, nowMs - call.startedMs));
    } catch (thrown) {
      this.#throwOutside(thrown);
    }
  }

  #throwOutside(error: unknown): void {
    this.#clock.defer(() => {
      throw error;
    });
  }
}

/** Of each operation and level: what spans are named by, and their attributes. Made once. */
class Described {
  constructor(
    readonly name: string,
    readonly attributes: Attributes,
  ) {}
}

const described = new Map<string, Map<Level | null, Described>>();

function describe(operation: string, level: Level | null): Described {
  const base = { 'db.system.name': 'fulcrum', 'db.operation.name': operation };
  const attributes = Object.freeze(level === null ? base : { ...base, 'fulcrum.level': level });
  const one = new Described(`fulcrum ${operation}`, attributes);
  const ofOperation = described.get(operation) ?? new Map<Level | null, Described>();
  described.set(operation, ofOperation.set(level, one));
  return one;
}

function startOf({ operation, level, key }: Call): CallStart {
  const { name, attributes } = described.get(operation)?.get(level) ?? describe(operation, level);
  return { name, key, attributes };
}

/** Attributes are made for whoever reads them: that is most of what a hook costs. */
class Ended implements CallEnd {
  readonly #call: Call;

  constructor(
    call: Call,
    readonly error: FulcrumError | undefined,
    readonly durationMs: number,
  ) {
    this.#call = call;
  }

  get attributes(): Attributes {
    const { tries, hedges, last } = this.#call;
    const attributes: Record<string, string | number> = { 'fulcrum.attempts': tries, 'fulcrum.hedges': hedges };
    if (last !== null) attributes['fulcrum.node'] = last.carrier.name;
    if (this.error !== undefined) attributes['error.type'] = this.error.code;
    return attributes;
  }
}
