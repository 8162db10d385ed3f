/** Tells whoever watches, once a second. Watchers are few, and bounded. */
import { LIVE_PERIOD_MS, WATCHERS_MAX } from '../core/defaults.js';
import type { LiveSample } from '../core/live-sample.js';
import type { LiveWatcher } from '../ports/live.js';
import type { Clock, Timer } from '../ports/clock.js';

export class LiveFeed {
  readonly #clock: Clock;
  readonly #second: (seconds: number) => () => LiveSample;
  readonly #watchers = new Set<LiveWatcher>();
  #timer: Timer | undefined;
  #sinceMs = 0;

  /** `second`: another second has passed; it makes the sample only if somebody wants it. */
  constructor(clock: Clock, second: (seconds: number) => () => LiveSample) {
    this.#clock = clock;
    this.#second = second;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  start(): void {
    this.#sinceMs = this.#clock.monotonicMs();
    this.#timer = this.#clock.setTimer(LIVE_PERIOD_MS, () => {
      this.#tick();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    for (const watcher of this.#watchers) watcher.onEnd();
    this.#watchers.clear();
  }

  /** Returns what ends it; undefined where there are as many watchers as there may be. */
  watch(watcher: LiveWatcher): (() => void) | undefined {
    if (this.#watchers.size >= WATCHERS_MAX) return undefined;
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    const make = this.#second((nowMs - this.#sinceMs) / 1_000);
    this.start();
    if (this.#watchers.size === 0) return;
    const sample = make();
    for (const watcher of this.#watchers) watcher.onSample(sample);
  }
}
