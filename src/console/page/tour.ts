/** The guided tour: one step at a time, each performed on the real cluster when its button is pressed. */
import type { ConsoleView, TourView } from '../api.js';
import { button, byId, el, set } from './dom.js';

export class TourPanel {
  readonly #root = byId('tour');
  readonly #open = byId('tour-open');
  readonly #perform: (step: number) => void;
  #view: ConsoleView | undefined;
  /** The step that is shown, which may be ahead of the one that was performed last. */
  #step = 0;
  #shown = '';

  constructor(perform: (step: number) => void) {
    this.#perform = perform;
    this.#open.addEventListener('click', () => this.#toggle());
    this.#root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#toggle();
    });
  }

  show(view: ConsoleView): void {
    this.#view = view;
    if (view.tour.isBusy && view.tour.step !== undefined) this.#step = view.tour.step;
    if (!this.#root.hidden) this.#draw();
  }

  #toggle(): void {
    set(this.#root, { hidden: !this.#root.hidden });
    set(this.#open, { 'aria-expanded': String(!this.#root.hidden) });
    this.#shown = '';
    if (this.#root.hidden) this.#open.focus();
    else this.#draw();
  }

  #draw(): void {
    const view = this.#view;
    if (view === undefined) return;
    const { tour, cluster } = view;
    const shown = JSON.stringify([tour, this.#step, cluster.canCut]);
    if (shown === this.#shown) return;
    const hadFocus = this.#shown === '' || this.#root.contains(document.activeElement);
    this.#shown = shown;
    this.#root.replaceChildren(this.#dots(tour), this.#story(tour), this.#facts(tour, cluster.canCut));
    if (hadFocus) this.#root.querySelector<HTMLElement>('.button.strong:not(:disabled)')?.focus();
  }

  #dots({ steps, isBusy }: TourView): HTMLElement {
    const dots = steps.map(({ title }, index) => {
      const at = { 'aria-current': index === this.#step ? 'step' : undefined, 'aria-label': `${index + 1}. ${title}` };
      return button(String(index + 1), () => this.#goTo(index), { class: 'dot', disabled: isBusy, ...at });
    });
    const close = button('Close', () => this.#toggle(), { class: 'button quiet' });
    return el('div', { class: 'dots' }, ...dots, close);
  }

  #story({ steps }: TourView): HTMLElement {
    const { title, lead } = steps[this.#step]!;
    return el('div', { class: 'story' }, el('h2', {}, title), el('p', {}, lead));
  }

  #facts(tour: TourView, canCut: boolean): HTMLElement {
    if (!canCut) {
      const text =
        'The tour cuts links, and those of this cluster are direct. Start it with npm start, or with fulcrum up --chaos.';
      return el('div', { class: 'facts' }, el('p', { class: 'hint' }, text));
    }
    const isDone = tour.step === this.#step && !tour.isBusy && tour.problem === undefined;
    const lines = tour.step === this.#step ? tour.facts : [];
    const list = lines.map(({ text, isWarning }) => el('li', { class: isWarning ? 'weak' : '' }, text));
    return el(
      'div',
      { class: 'facts', 'aria-live': 'polite' },
      ...(list.length > 0 ? [el('ul', {}, ...list)] : []),
      ...(tour.step === this.#step && tour.problem !== undefined ? [el('p', { class: 'weak' }, tour.problem)] : []),
      this.#button(tour, isDone),
    );
  }

  #button({ isBusy, steps }: TourView, isDone: boolean): HTMLElement {
    if (isBusy) return button('It is happening …', () => undefined, { class: 'button strong', disabled: true });
    if (!isDone) return button('Do it', () => this.#perform(this.#step), { class: 'button strong' });
    if (this.#step === steps.length - 1) return button('Done', () => this.#toggle(), { class: 'button strong' });
    return button(`Next: ${steps[this.#step + 1]!.title}`, () => this.#goTo(this.#step + 1), {
      class: 'button strong',
    });
  }

  #goTo(step: number): void {
    this.#step = step;
    this.#draw();
  }
}
