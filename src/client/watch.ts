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

/** What all calls of an operation at a level have in common: what their spans are named by, and their attributes. */
class Kind {
  readonly name: string;
  readonly attributes: Attributes;

  constructor(
    readonly operation: string,
    readonly level: Level | null,
  ) {
    this.name = `fulcrum ${operation}`;
    const base = { 'db.system.name': 'fulcrum', 'db.operation.name': operation };
    this.attributes = Object.freeze(level === null ? base : { ...base, 'fulcrum.level': level });
  }
}

/** A few at most, each made once; the one used last is first, since it mostly is the next one's. */
const kinds: Kind[] = [];

function kindOf(operation: string, level: Level | null): Kind {
  const at = kinds.findIndex((kind) => kind.operation === operation && kind.level === level);
  const kind = at < 0 ? new Kind(operation, level) : kinds.splice(at, 1)[0]!;
  kinds.unshift(kind);
  return kind;
}

function startOf({ operation, level, key }: Call): CallStart {
  let kind = kinds[0];
  if (kind?.operation !== operation || kind.level !== level) kind = kindOf(operation, level);
  return { name: kind.name, key, attributes: kind.attributes };
}

/** Attributes are made for whoever reads them: that is most of what a hook costs. */
class Ended implements CallEnd {
  constructor(
    private readonly call: Call,
    readonly error: FulcrumError | undefined,
    readonly durationMs: number,
  ) {}

  get attributes(): Attributes {
    const { tries, hedges, last } = this.call;
    const attributes: Record<string, string | number> = { 'fulcrum.attempts': tries, 'fulcrum.hedges': hedges };
    if (last !== null) attributes['fulcrum.node'] = last.carrier.name;
    if (this.error !== undefined) attributes['error.type'] = this.error.code;
    return attributes;
  }
}
