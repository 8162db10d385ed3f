/** How much the built-in callers ask, of what, and at which level. */
import type { ConsoleView, LoadSettings } from '../api.js';
import { byId, el, say } from './dom.js';

const LEVELS: readonly (readonly [value: LoadSettings['level'], label: string])[] = [
  ['EACH', 'each level in turn'],
  ['ONE', 'ONE'],
  ['QUORUM', 'QUORUM'],
  ['ALL', 'ALL'],
];
/** From 5 to 2000 a second, even steps for the eye. */
const RATE_LEAST = 5;
const RATE_MOST = 2_000;
const STEPS = 100;

export class LoadForm {
  readonly #running = el('input', { type: 'checkbox', id: 'load-running', role: 'switch' });
  readonly #rate = el('input', { type: 'range', min: 0, max: STEPS, id: 'load-rate' });
  readonly #reads = el('input', { type: 'range', min: 0, max: 100, step: 5, id: 'load-reads' });
  readonly #level = el(
    'select',
    { id: 'load-level' },
    ...LEVELS.map(([value, label]) => el('option', { value }, label)),
  );
  readonly #rateText = el('output', { for: 'load-rate' });
  readonly #readsText = el('output', { for: 'load-reads' });
  readonly #root = byId('load', HTMLFormElement);
  /** Changes that the server has not answered yet. */
  #changes = 0;

  /** `change` resolves once the server has answered. */
  constructor(change: (settings: LoadSettings) => Promise<void>) {
    this.#root.append(
      el('label', { class: 'switch' }, this.#running, 'on'),
      el('label', {}, el('span', {}, 'rate'), this.#rate, this.#rateText),
      el('label', {}, el('span', {}, 'reads'), this.#reads, this.#readsText),
      el('label', {}, el('span', {}, 'level'), this.#level),
    );
    this.#root.addEventListener('submit', (event) => event.preventDefault());
    this.#root.addEventListener('input', () => this.#label(this.#settings()));
    this.#root.addEventListener('change', () => {
      this.#changes += 1;
      void change(this.#settings()).finally(() => (this.#changes -= 1));
    });
  }

  show({ load }: ConsoleView): void {
    // Not while somebody turns the knobs, nor while what is shown may be older than what they say.
    if (this.#changes > 0) return;
    if (this.#root.contains(document.activeElement) && document.activeElement !== this.#running) return;
    this.#running.checked = load.running;
    this.#rate.value = String(stepOf(load.ratePerSecond));
    this.#reads.value = String(load.readShare * 100);
    this.#level.value = load.level;
    this.#label(load);
  }

  #settings(): LoadSettings {
    return {
      running: this.#running.checked,
      ratePerSecond: rateOf(Number(this.#rate.value)),
      readShare: Number(this.#reads.value) / 100,
      level: this.#level.value as LoadSettings['level'],
    };
  }

  #label({ ratePerSecond, readShare }: LoadSettings): void {
    say(this.#rateText, `${ratePerSecond} a second`);
    say(this.#readsText, `${Math.round(readShare * 100)} %`);
  }
}

function rateOf(step: number): number {
  const rate = RATE_LEAST * (RATE_MOST / RATE_LEAST) ** (step / STEPS);
  const grain = rate < 50 ? 5 : rate < 500 ? 10 : 50;
  return Math.round(rate / grain) * grain;
}

function stepOf(rate: number): number {
  return Math.round((Math.log(rate / RATE_LEAST) / Math.log(RATE_MOST / RATE_LEAST)) * STEPS);
}
