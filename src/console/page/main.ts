/** The page: hears the picture, hands it to its parts, and sends on what the person at it does. */
import type { ConsoleView, Control, LinkView } from '../api.js';
import { CanaryPanel } from './canary.js';
import { Charts } from './charts.js';
import { byId, say, set } from './dom.js';
import { Headline } from './headline.js';
import { Levels } from './levels.js';
import { Lists } from './lists.js';
import { LoadForm } from './load.js';
import { Picked } from './picked.js';
import { Quadrant } from './quadrant.js';
import { Ring } from './ring.js';
import { control, hasToken, listen, takeToken } from './server.js';
import { TourPanel } from './tour.js';
import { startTheme } from './theme.js';

const TOAST_MS = 8_000;

class Page {
  readonly #headline = new Headline();
  readonly #ring = new Ring({
    pick: (node) => this.#pick(node),
    toggleLink: (link) => this.#toggle(link),
    drawApart: (apart) => this.#do({ do: 'partition', apart }),
  });
  readonly #picked = new Picked((what) => this.#do(what));
  readonly #quadrant = new Quadrant((policy) => this.#do({ do: 'policy', policy }));
  readonly #load = new LoadForm((settings) => this.#ask({ do: 'load', settings }));
  readonly #levels = new Levels();
  readonly #charts = new Charts();
  readonly #lists = new Lists();
  readonly #canary = new CanaryPanel();
  readonly #tour = new TourPanel((step) => this.#do({ do: 'tour', step }));
  #view: ConsoleView | undefined;
  #node: string | undefined;
  #toastTimer: number | undefined;

  start(): void {
    takeToken();
    startTheme(() => this.#charts.restyle());
    byId('heal').addEventListener('click', () => this.#do({ do: 'heal' }));
    listen({
      view: (view) => this.#show(view),
      seconds: (seconds) => this.#charts.add(seconds),
      connected: (isConnected) => this.#headline.connected(isConnected),
      notice: (text) => this.#toast(text),
    });
    if (!hasToken())
      this.#toast('You can look but not touch: open the address that was printed at start, with its token.');
  }

  #show(view: ConsoleView): void {
    this.#view = view;
    this.#headline.show(view);
    this.#ring.show(view, this.#node);
    this.#picked.show(view, this.#node);
    this.#quadrant.show(view);
    this.#load.show(view);
    this.#levels.show(view);
    this.#charts.show(view);
    this.#lists.show(view);
    this.#canary.show(view);
    this.#tour.show(view);
  }

  #pick(node: string): void {
    this.#node = this.#node === node ? undefined : node;
    if (this.#view !== undefined) this.#show(this.#view);
  }

  #toggle({ a, b, state }: LinkView): void {
    this.#do({ do: state === 'cut' || state === 'slow' ? 'mend' : 'cut', a, b });
  }

  #do(what: Control): void {
    void this.#ask(what);
  }

  /** Resolves once the server has answered, whatever it says. */
  #ask(what: Control): Promise<void> {
    set(document.body, { 'aria-busy': 'true' });
    return control(what)
      .catch((error: unknown) => this.#toast(error instanceof Error ? error.message : String(error)))
      .finally(() => set(document.body, { 'aria-busy': undefined }));
  }

  #toast(text: string): void {
    const toast = byId('toast');
    say(toast, text);
    set(toast, { hidden: false });
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => set(toast, { hidden: true }), TOAST_MS);
  }
}

new Page().start();
