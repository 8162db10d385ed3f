/** What was done to the cluster and when, to be drawn over the charts. */
import type { FaultView } from './api.js';
import type { ConsoleClock } from './ports.js';

const KEPT_MAX = 100;

export class FaultTimeline {
  readonly #clock: ConsoleClock;
  readonly #faults: FaultView[] = [];
  /** Faults that last, by what they are about. */
  readonly #open = new Map<string, number>();
  #lastId = 0;

  constructor(clock: ConsoleClock) {
    this.#clock = clock;
  }

  /** A fault begins; one about the same thing that still lasts ends. */
  begin(about: string, kind: FaultView['kind'], label: string): void {
    this.end(about);
    this.#lastId += 1;
    this.#faults.push({ id: this.#lastId, kind, label, fromMs: this.#clock.wallMs() });
    this.#open.set(about, this.#lastId);
    if (this.#faults.length > KEPT_MAX) this.#faults.shift();
  }

  end(about: string): void {
    const id = this.#open.get(about);
    if (id === undefined) return;
    this.#open.delete(about);
    const index = this.#faults.findIndex((fault) => fault.id === id);
    if (index >= 0) this.#faults[index] = { ...this.#faults[index]!, toMs: this.#clock.wallMs() };
  }

  /** Oldest first. */
  view(): readonly FaultView[] {
    return [...this.#faults];
  }
}
