/** Calls on the cluster so that there is something to see: a caller beside every node, each asking that node alone. */
import { LEVELS, type Level } from '../core/level.js';
import type { LoadSettings } from './api.js';
import { failureOf } from './plain-words.js';
import { KeyBook } from './key-book.js';
import type { LevelStats } from './level-stats.js';
import type { Caller, ConsoleClock } from './ports.js';
import type { Happenings } from './happenings.js';

export const RATE_MAX = 2_000;
/** Keys of the load, and of everything else the console writes, begin with this; they expire by themselves. */
export const KEY_PREFIX = 'console/';
export const KEY_TTL_MS = 600_000;
const KEYS = 24;
const TICK_MS = 20;
/** Calls under way; while there are as many, no further ones are made. */
const IN_FLIGHT_MAX = 256;
/** After a stall, calls that should have been made meanwhile are not all made at once. */
const CATCH_UP_MS = 100;

export const LOAD_DEFAULT: LoadSettings = { running: true, ratePerSecond: 60, readShare: 0.6, level: 'EACH' };

export interface LoadParts {
  readonly callers: readonly Caller[];
  readonly stats: LevelStats;
  readonly happenings: Happenings;
  readonly clock: ConsoleClock;
  /** 0 to 1, below 1. */
  readonly random: () => number;
}

export class LoadGenerator {
  readonly #parts: LoadParts;
  readonly #book = new KeyBook();
  /** Values of an earlier run of this program may still be there; their numbers say nothing. */
  readonly #run: string;
  #settings: LoadSettings = LOAD_DEFAULT;
  #timer: NodeJS.Timeout | undefined;
  #owed = 0;
  #lastMs = 0;
  #made = 0;
  #inFlight = 0;

  constructor(parts: LoadParts) {
    this.#parts = parts;
    this.#run = Math.floor(parts.random() * 2 ** 32).toString(36);
  }

  get settings(): LoadSettings {
    return this.#settings;
  }

  change(settings: LoadSettings): void {
    this.#settings = settings;
  }

  /** Makes calls, while the settings say so, until {@link stop}. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#lastMs = this.#parts.clock.monotonicMs();
    this.#owed = 0;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    const elapsedMs = Math.min(nowMs - this.#lastMs, CATCH_UP_MS);
    this.#lastMs = nowMs;
    if (!this.#settings.running) return;
    this.#owed += (elapsedMs / 1_000) * this.#settings.ratePerSecond;
    for (; this.#owed >= 1; this.#owed -= 1) if (this.#inFlight < IN_FLIGHT_MAX) this.#call();
  }

  /** In turn, so that each level is asked at each node of each kind. */
  #call(): void {
    const { callers, random } = this.#parts;
    const { level: wanted, readShare } = this.#settings;
    const level = wanted === 'EACH' ? LEVELS[this.#made % LEVELS.length]! : wanted;
    const caller = callers[Math.floor(this.#made / LEVELS.length) % callers.length]!;
    this.#made += 1;
    const key = `${KEY_PREFIX}load/${Math.floor(random() * KEYS)}`;
    const number = random() < readShare ? undefined : this.#book.beginWrite(key);
    this.#inFlight += 1;
    const call = number === undefined ? this.#read(caller, key, level) : this.#write(caller, key, level, number);
    void call.finally(() => (this.#inFlight -= 1));
  }

  async #read(caller: Caller, key: string, level: Level): Promise<void> {
    const { clock, stats, happenings } = this.#parts;
    const newest = this.#book.newest(key);
    const beganMs = clock.monotonicMs();
    try {
      const { value, receipt } = await caller.get(key, { level });
      const lag = this.#book.lagOf(key, this.#numberIn(value), newest, beganMs);
      stats.answered(level, receipt, clock.monotonicMs() - beganMs, lag);
      happenings.answered(caller.node, receipt, lag);
    } catch (error) {
      this.#failed(caller, 'get', level, error);
    }
  }

  async #write(caller: Caller, key: string, level: Level, number: number): Promise<void> {
    const { clock, stats, happenings } = this.#parts;
    const beganMs = clock.monotonicMs();
    let isAcknowledged = false;
    try {
      const { receipt } = await caller.put(key, `${this.#run} #${number}`, { level, ttlMs: KEY_TTL_MS });
      isAcknowledged = !receipt.superseded;
      stats.answered(level, receipt, clock.monotonicMs() - beganMs);
      happenings.answered(caller.node, receipt);
    } catch (error) {
      this.#failed(caller, 'put', level, error);
    } finally {
      this.#book.endWrite(key, number, isAcknowledged, clock.monotonicMs());
    }
  }

  #failed(caller: Caller, operation: 'get' | 'put', level: Level, error: unknown): void {
    const failure = failureOf(error);
    this.#parts.stats.failed(level, failure.code);
    this.#parts.happenings.failed(caller.node, operation, level, failure);
  }

  #numberIn(value: unknown): number {
    const [run, number] = typeof value === 'string' ? value.split(' #') : [];
    return run === this.#run ? Number(number) : 0;
  }
}
