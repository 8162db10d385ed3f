/** Which optional calls could help now: backwards from what the calls that may be next still need. */
import type { RegisterModel } from './register-model.js';
import type { Need } from './register-states.js';

export interface PoolChoice {
  readonly pool: number;
  readonly target: number;
}

export interface Moment {
  /** Whether the state held satisfies a need. */
  satisfied(need: Need): boolean;
  /** Whether a pool has a call left that began early enough. */
  usable(pool: number): boolean;
}

export class WantedPools {
  readonly #model: RegisterModel;
  readonly #all: readonly PoolChoice[];
  readonly #absent: readonly PoolChoice[];
  readonly #present: readonly PoolChoice[];
  readonly #byTarget = new Map<number, PoolChoice[]>();

  constructor(model: RegisterModel) {
    this.#model = model;
    this.#all = model.pools.flatMap(({ targets }, pool) => targets.map((target) => ({ pool, target })));
    this.#absent = this.#all.filter(({ target }) => model.table.isAbsent(target));
    this.#present = this.#all.filter(({ target }) => !model.table.isAbsent(target));
    for (const choice of this.#all) {
      const group = this.#byTarget.get(choice.target);
      if (group === undefined) this.#byTarget.set(choice.target, [choice]);
      else group.push(choice);
    }
  }

  /** Optional calls possible now whose effect some need is waiting for, directly or through further optional calls. */
  choices(needs: readonly Need[], moment: Moment): PoolChoice[] {
    if (this.#all.length === 0) return [];
    const { pools } = this.#model;
    const chosen = new Set<PoolChoice>();
    const seen = new Set<string>();
    const wanted = needs.filter((need) => !moment.satisfied(need));
    for (let need = wanted.pop(); need !== undefined; need = wanted.pop()) {
      const name = `${need.test} ${need.state}`;
      if (seen.has(name)) continue;
      seen.add(name);
      for (const choice of this.#leadingTo(need)) {
        if (!moment.usable(choice.pool)) continue;
        const own = pools[choice.pool]!.need;
        if (moment.satisfied(own)) chosen.add(choice);
        else wanted.push(own);
      }
    }
    return [...chosen];
  }

  #leadingTo({ test, state }: Need): readonly PoolChoice[] {
    if (test === 'is') return this.#byTarget.get(state) ?? [];
    if (test === 'not') return this.#all.filter(({ target }) => target !== state);
    return test === 'absent' ? this.#absent : this.#present;
  }
}
