/** The tour as it is going: which step, and what happened in it. */
import type { TourView } from '../api.js';
import { failureOf } from '../plain-words.js';
import type { TourNotes, TourStage } from './stage.js';
import { TOUR_STEPS } from './steps.js';

export class Tour {
  readonly #stage: TourStage;
  readonly #changed: () => void;
  readonly #notes: TourNotes = {};
  #now: Omit<TourView, 'steps'> = { isBusy: false, facts: [] };

  /** `changed`: told when a step begins. */
  constructor(stage: TourStage, changed: () => void) {
    this.#stage = stage;
    this.#changed = changed;
  }

  view(): TourView {
    return { steps: TOUR_STEPS.map(({ title, lead }) => ({ title, lead })), ...this.#now };
  }

  /** Resolves once the step is over, also where it could not be finished: then the view says why. */
  async perform(step: number): Promise<void> {
    this.#now = { step, isBusy: true, facts: [] };
    this.#changed();
    try {
      const facts = await TOUR_STEPS[step]!.perform(this.#stage, this.#notes);
      this.#now = { step, isBusy: false, facts };
    } catch (error) {
      this.#now = { step, isBusy: false, facts: [], problem: failureOf(error).message };
    }
  }
}
