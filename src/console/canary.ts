/**
 * The canary: a few callers who read and write one key at QUORUM all the time, and a checker who judges what they were
 * told. Judged twice: what the receipts called linearizable must be so; and, to show what a weaker policy gives up,
 * every answer as if it had been called so.
 *
 * A history is judged from the key's first operation on, so that nothing has to be assumed of what was there before.
 * After a while the callers move to a new key and the finished history is judged a last time.
 */
import type { CanaryVerdict, CanaryView } from './api.js';
import { KEY_PREFIX, KEY_TTL_MS } from './load-generator.js';
import { failureOf } from './plain-words.js';
import type { Caller, CanaryEvent, ConsoleClock, Judge, Judgement } from './ports.js';

/** Each caller's pause between two operations. */
const PAUSE_MS = 120;
/** One key's history: at most this long and this many events. */
const EPOCH_MS = 60_000;
const EVENTS_MAX = 3_000;

export interface CanaryParts {
  readonly callers: readonly Caller[];
  readonly judge: Judge;
  readonly clock: ConsoleClock;
  readonly random: () => number;
}

interface Epoch {
  readonly key: string;
  readonly beganMs: number;
  readonly events: CanaryEvent[];
}

interface Judged {
  readonly claims: Judgement;
  readonly plain: Judgement;
  readonly operations: number;
  readonly failed: number;
  readonly seconds: number;
}

export class Canary {
  readonly #parts: CanaryParts;
  #epoch: Epoch;
  #finished: Judged | undefined;
  #running: Judged | undefined;
  #isOn = false;
  #round = 0;

  constructor(parts: CanaryParts) {
    this.#parts = parts;
    this.#epoch = this.#newEpoch();
  }

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#round += 1;
    // While nobody looked nothing was recorded: what comes now is a history of its own.
    this.#epoch = this.#newEpoch();
    this.#finished = this.#running = undefined;
    for (const caller of this.#parts.callers) void this.#call(caller, this.#round);
  }

  stop(): void {
    this.#isOn = false;
  }

  /** Judges what there is now. Costs up to a few tens of milliseconds; called every other second. */
  judge(): void {
    const { events, beganMs } = this.#epoch;
    if (events.length === 0) return;
    this.#running = this.#judged(this.#epoch);
    if (events.length < EVENTS_MAX && this.#parts.clock.monotonicMs() - beganMs < EPOCH_MS) return;
    this.#finished = this.#running;
    this.#running = undefined;
    this.#epoch = this.#newEpoch();
  }

  view(): CanaryView {
    const parts = [this.#finished, this.#running].filter((one) => one !== undefined);
    const sum = (read: (one: Judged) => number): number => parts.reduce((total, one) => total + read(one), 0);
    const vouched = sum((one) => one.claims.checked);
    return {
      claims: vouched === 0 ? 'idle' : worst(parts.map((one) => one.claims.verdict)),
      plain: worst(parts.map((one) => one.plain.verdict)),
      operations: sum((one) => one.operations),
      vouched,
      failed: sum((one) => one.failed),
      seconds: Math.round(sum((one) => one.seconds)),
      explanation: parts
        .map((one) => one.claims.explanation ?? one.plain.explanation)
        .find((text) => text !== undefined),
    };
  }

  #newEpoch(): Epoch {
    const name = Math.floor(this.#parts.random() * 2 ** 40).toString(36);
    return { key: `${KEY_PREFIX}canary/${name}`, beganMs: this.#parts.clock.monotonicMs(), events: [] };
  }

  #judged({ events, beganMs }: Epoch): Judged {
    const { judge, clock } = this.#parts;
    const count = (type: CanaryEvent['type']): number => events.filter((event) => event.type === type).length;
    return {
      claims: judge(events),
      plain: judge(events.map(asIfLinearizable)),
      operations: count('invoke'),
      failed: count('fail') + count('unknown'),
      seconds: (clock.monotonicMs() - beganMs) / 1_000,
    };
  }

  /** One caller's operations, one after the other, each recorded in the epoch in which it began. */
  async #call(caller: Caller, round: number): Promise<void> {
    const { clock, random } = this.#parts;
    for (let number = 1; this.#isOn && this.#round === round; number += 1) {
      const { key, events } = this.#epoch;
      const kind = random() < 0.5 ? 'get' : 'put';
      const common = { process: `${caller.node}/${round}`, key, kind } as const;
      const value = `${caller.node}-${round}-${number}`;
      events.push({ type: 'invoke', time: clock.monotonicMs(), ...common, ...(kind === 'put' ? { value } : {}) });
      const end = await this.#perform(caller, key, kind, value);
      // `events` may have been judged for the last time meanwhile: then this end is not missed.
      events.push({ time: clock.monotonicMs(), ...common, ...end });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (0.5 + random())).unref());
    }
  }

  async #perform(caller: Caller, key: string, kind: 'get' | 'put', value: string): Promise<End> {
    try {
      if (kind === 'put') {
        const { version, receipt } = await caller.put(key, value, { level: 'QUORUM', ttlMs: KEY_TTL_MS });
        return { type: 'ok', version, receipt };
      }
      const read = await caller.get(key, { level: 'QUORUM' });
      const shown = typeof read.value === 'string' ? read.value : null;
      return {
        type: 'ok',
        value: shown,
        receipt: read.receipt,
        ...(read.version === undefined ? {} : { version: read.version }),
      };
    } catch (error) {
      const { code, definite } = failureOf(error);
      return { type: kind === 'get' || definite ? 'fail' : 'unknown', code };
    }
  }
}

type End = Pick<CanaryEvent, 'type' | 'value' | 'version' | 'receipt' | 'code'>;

function asIfLinearizable(event: CanaryEvent): CanaryEvent {
  const { receipt } = event;
  if (event.type !== 'ok' || receipt === undefined) return event;
  return { ...event, receipt: { ...receipt, guarantee: 'linearizable', degraded: false } };
}

function worst(verdicts: readonly CanaryVerdict[]): CanaryVerdict {
  return (['invalid', 'undecided', 'valid'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'idle';
}
