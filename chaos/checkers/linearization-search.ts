/**
 * Is there an order of one key's calls that a register allows and that respects real time?
 *
 * Wing and Gong, "Testing and verifying concurrent objects", 1993, with the improvements of Lowe, "Testing for
 * linearizability", 2017: a depth-first search over which call took effect next, calls kept in a linked list,
 * every configuration (calls done, state) visited once; as in knossos and porcupine. Beyond these:
 * - looks that fit the state are taken at once: they change nothing, so taking them early loses nothing;
 * - a state that can be entered once is not left while a call still needs it;
 * - an optional call is taken only where the very next call needs what it does: otherwise it can be left out;
 * - the order that versions suggest is tried first (version-zones.ts).
 */
import { LOOK, type Pool, type RegisterModel, type Step } from './register-model.js';
import type { Need } from './register-states.js';
import type { Outcome } from './verdict.js';
import { WantedPools, type PoolChoice } from './wanted-pools.js';

export interface SearchResult {
  readonly outcome: Outcome;
  /** Configurations visited, those that are long to remember as several. */
  readonly visited: number;
}

/** Counts of optional calls that make a configuration cost as much again: a few kilobytes. */
const COUNTS_OF_ONE_CONFIGURATION = 256;

type Choice =
  | { readonly step: number; readonly order: number }
  | (PoolChoice & { readonly step: undefined; readonly order: number });

interface Frame {
  readonly mark: number;
  readonly state: number;
  readonly before: number;
  readonly ended: number;
  readonly choices: readonly Choice[];
  next: number;
}

/** No optional call was taken last. */
const NOTHING = -1;

/** `order` gives the states' places by versions; more than `budget` configurations are undecided. */
export function searchLinearization(
  model: RegisterModel,
  initial: number,
  order: Float64Array,
  budget: number,
): SearchResult {
  return new LinearizationSearch(model, initial, order).run(budget);
}

class LinearizationSearch {
  readonly #model: RegisterModel;
  readonly #order: Float64Array;
  readonly #count: number;
  /** Calls not done yet, by start; the last index is the head of the ring. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #done: Uint8Array;
  readonly #byEnd: readonly number[];
  readonly #unique: readonly boolean[];
  readonly #demand: number[];
  /** For each pool: how many of its calls took effect. */
  readonly #used: number[];
  /** Pools whose count the state and the calls done do not imply. */
  readonly #counted: readonly number[];
  readonly #wanted: WantedPools;
  /** Configurations visited, and with what counts of optional calls used: with more used, nothing more is possible. */
  readonly #visited = new Map<string, (readonly number[])[]>();
  #visits = 0;
  /** What one visit counts for. */
  readonly #weight: number;
  readonly #frames: Frame[] = [];
  /** What was done, to be undone: a step, or -1 - pool. */
  readonly #trail: number[] = [];
  #state: number;
  /** The state before the optional call that was taken last, until a call has used it. */
  #before = NOTHING;
  /** The first place in #byEnd that is not done. */
  #ended = 0;
  #remaining: number;

  constructor(model: RegisterModel, initial: number, order: Float64Array) {
    const { steps, pools, table } = model;
    const count = steps.length;
    this.#model = model;
    this.#order = order;
    this.#wanted = new WantedPools(model);
    this.#count = count;
    this.#remaining = count;
    this.#state = initial;
    this.#next = Int32Array.from({ length: count + 1 }, (_, i) => (i === count ? 0 : i + 1));
    this.#previous = Int32Array.from({ length: count + 1 }, (_, i) => (i === 0 ? count : i - 1));
    this.#done = new Uint8Array(count);
    this.#byEnd = steps.map((_, i) => i).sort((a, b) => steps[a]!.call.end - steps[b]!.call.end);
    this.#unique = Array.from({ length: table.size }, (_, state) => table.isUnique(state, initial));
    this.#demand = [...table.demand];
    this.#used = pools.map(() => 0);
    this.#counted = pools.map((_, i) => i).filter((i) => !this.#isImplied(pools[i]!));
    this.#weight = 1 + this.#counted.length / COUNTS_OF_ONE_CONFIGURATION;
  }

  run(budget: number): SearchResult {
    for (;;) {
      this.#takeLooks();
      if (this.#remaining === 0) return { outcome: 'valid', visited: this.#visits };
      if (this.#visits >= budget) return { outcome: 'undecided', visited: this.#visits };
      if (this.#isNew()) this.#pushFrame();
      if (!this.#takeChoice()) return { outcome: 'invalid', visited: this.#visits };
    }
  }

  /** One call, one state that must be looked at: it was used iff that state is held or nobody needs it any more. */
  #isImplied({ targets, starts }: Pool): boolean {
    return targets.length === 1 && starts.length === 1 && this.#unique[targets[0]!]! && this.#demand[targets[0]!]! > 0;
  }

  /** What took effect before this moment may be next: no remaining call had ended by its start. */
  #horizon(): number {
    while (this.#ended < this.#count && this.#done[this.#byEnd[this.#ended]!] === 1) this.#ended += 1;
    return this.#ended === this.#count ? Infinity : this.#model.steps[this.#byEnd[this.#ended]!]!.call.end;
  }

  #takeLooks(): void {
    const { steps } = this.#model;
    let reached = -Infinity;
    for (let horizon = this.#horizon(); horizon > reached && this.#remaining > 0; horizon = this.#horizon()) {
      reached = horizon;
      for (let i = this.#next[this.#count]!; i !== this.#count && steps[i]!.call.start < horizon; i = this.#next[i]!) {
        const { need, target } = steps[i]!;
        if (target !== LOOK || !this.#satisfied(need, this.#state)) continue;
        this.#take(i);
        this.#before = NOTHING;
      }
    }
  }

  #satisfied({ test, state }: Need, held: number): boolean {
    switch (test) {
      case 'any':
        return true;
      case 'is':
        return held === state;
      case 'not':
        return held !== state;
      case 'absent':
        return this.#model.table.isAbsent(held);
      case 'present':
        return !this.#model.table.isAbsent(held);
    }
  }

  #take(step: number): void {
    const { need } = this.#model.steps[step]!;
    const next = this.#next[step]!;
    const previous = this.#previous[step]!;
    this.#next[previous] = next;
    this.#previous[next] = previous;
    this.#done[step] = 1;
    if (need.test === 'is') this.#demand[need.state]! -= 1;
    this.#remaining -= 1;
    this.#trail.push(step);
  }

  #undoTo(frame: Frame): void {
    while (this.#trail.length > frame.mark) {
      const step = this.#trail.pop()!;
      if (step < 0) {
        this.#used[-1 - step]! -= 1;
        continue;
      }
      const { need } = this.#model.steps[step]!;
      this.#next[this.#previous[step]!] = step;
      this.#previous[this.#next[step]!] = step;
      this.#done[step] = 0;
      if (need.test === 'is') this.#demand[need.state]! += 1;
      this.#remaining += 1;
    }
    this.#state = frame.state;
    this.#before = frame.before;
    this.#ended = frame.ended;
  }

  #isNew(): boolean {
    const name = this.#configuration();
    const used = this.#counted.map((pool) => this.#used[pool]!);
    const visits = this.#visited.get(name);
    if (visits?.some((before) => before.every((count, i) => count <= used[i]!)) === true) return false;
    if (visits === undefined) this.#visited.set(name, [used]);
    else visits.push(used);
    this.#visits += this.#weight;
    return true;
  }

  /** The calls that may be next and are not done name the set of calls done. */
  #configuration(): string {
    const { steps } = this.#model;
    const horizon = this.#horizon();
    let name = `${this.#ended} ${this.#state} ${this.#before}`;
    for (let i = this.#next[this.#count]!; i !== this.#count && steps[i]!.call.start < horizon; i = this.#next[i]!)
      name += ` ${i}`;
    return name;
  }

  #pushFrame(): void {
    const waiting = this.#waiting();
    const choices: Choice[] = [...this.#stepChoices(waiting), ...this.#poolChoices(waiting)].sort(
      (a, b) => a.order - b.order,
    );
    this.#frames.push({
      mark: this.#trail.length,
      state: this.#state,
      before: this.#before,
      ended: this.#ended,
      choices,
      next: 0,
    });
  }

  /** Whether a call may be next after the optional one that was taken last, if one was. */
  #uses(need: Need): boolean {
    return this.#before === NOTHING || !this.#satisfied(need, this.#before);
  }

  /** Whether the state held may be left by a call that needs `need`. */
  #mayLeave(need: Need, binding: boolean): boolean {
    if (!this.#unique[this.#state]) return true;
    const own = binding && need.test === 'is' && need.state === this.#state ? 1 : 0;
    return this.#demand[this.#state] === own;
  }

  #stepChoices(waiting: readonly Step[]): Choice[] {
    const { steps } = this.#model;
    const horizon = this.#horizon();
    const choices: Choice[] = [];
    for (let i = this.#next[this.#count]!; i !== this.#count && steps[i]!.call.start < horizon; i = this.#next[i]!) {
      const { call, need, target } = steps[i]!;
      if (target === LOOK || !this.#satisfied(need, this.#state) || !this.#mayLeave(need, true) || !this.#uses(need))
        continue;
      choices.push({ step: i, order: Math.min(this.#placeOf(target, waiting), call.end) });
    }
    return choices;
  }

  /** Steps that may be next, but need another state. */
  #waiting(): Step[] {
    const { steps } = this.#model;
    const horizon = this.#horizon();
    const waiting: Step[] = [];
    for (let i = this.#next[this.#count]!; i !== this.#count && steps[i]!.call.start < horizon; i = this.#next[i]!) {
      if (!this.#satisfied(steps[i]!.need, this.#state)) waiting.push(steps[i]!);
    }
    return waiting;
  }

  /** Where versions put a state; where they say nothing, when the first call that waits for it must be done. */
  #placeOf(target: number, waiting: readonly Step[]): number {
    if (this.#order[target]! < Infinity) return this.#order[target]!;
    return Math.min(...waiting.map(({ need, call }) => (this.#satisfied(need, target) ? call.end : Infinity)));
  }

  #poolChoices(waiting: readonly Step[]): Choice[] {
    const { pools } = this.#model;
    const horizon = this.#horizon();
    const needs = waiting.map(({ need }) => need);
    return this.#wanted
      .choices(needs, {
        satisfied: (need) => this.#satisfied(need, this.#state),
        usable: (pool) => (pools[pool]!.starts[this.#used[pool]!] ?? Infinity) < horizon,
      })
      .filter(({ pool }) => this.#mayLeave(pools[pool]!.need, false) && this.#uses(pools[pool]!.need))
      .map((choice) => ({ ...choice, step: undefined, order: this.#placeOf(choice.target, waiting) }));
  }

  /** Goes on with the next untried choice, of the latest frame that has one. */
  #takeChoice(): boolean {
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      this.#undoTo(frame);
      const choice = frame.choices[frame.next];
      frame.next += 1;
      if (choice === undefined) {
        this.#frames.pop();
        continue;
      }
      if (choice.step === undefined) {
        this.#used[choice.pool]! += 1;
        this.#trail.push(-1 - choice.pool);
        this.#before = this.#state;
        this.#state = choice.target;
      } else {
        this.#take(choice.step);
        this.#before = NOTHING;
        this.#state = this.#model.steps[choice.step]!.target;
      }
      return true;
    }
    return false;
  }
}
