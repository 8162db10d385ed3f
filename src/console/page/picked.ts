/** What can be done to the chosen node. */
import type { ConsoleView, Control, NodeView } from '../api.js';
import { button, byId, el } from './dom.js';

const SLOW_MS = 200;

export class Picked {
  readonly #root = byId('picked');
  readonly #do: (control: Control) => void;
  #shown = '';

  constructor(act: (control: Control) => void) {
    this.#do = act;
  }

  show(view: ConsoleView, picked: string | undefined): void {
    const node = view.nodes.find(({ id }) => id === picked);
    const apart = view.apart;
    // Buttons that have the focus are left alone while nothing is different.
    const shown = JSON.stringify([node, apart, view.cluster.canCut]);
    if (shown === this.#shown) return;
    const active = document.activeElement;
    const focused = this.#root.contains(active) ? active?.textContent : undefined;
    this.#shown = shown;
    this.#root.replaceChildren(...(node === undefined ? this.#hint(view) : this.#about(node, view)));
    if (typeof focused !== 'string') return;
    const buttons = [...this.#root.querySelectorAll('button')];
    (buttons.find((one) => one.textContent === focused) ?? buttons[0])?.focus();
  }

  #hint({ cluster }: ConsoleView): HTMLElement[] {
    const text = cluster.canCut
      ? 'Click a link to cut it, a node for more. Drag nodes apart to partition them.'
      : 'Click a node to pause or kill it. Links are direct here and cannot be cut: start with npm start, or fulcrum up --chaos.';
    return [el('p', { class: 'hint' }, text)];
  }

  #about(node: NodeView, { cluster, apart }: ConsoleView): HTMLElement[] {
    const { id, address, pid, slowMs } = node;
    const facts = `${address}${pid === null ? '' : ` · pid ${pid}`}`;
    return [
      el('p', { class: 'facts' }, el('strong', {}, id), ` ${facts}`),
      el(
        'p',
        { class: 'buttons' },
        ...this.#processButtons(node),
        ...(cluster.canCut
          ? [
              button(slowMs > 0 ? 'Full speed' : `Slow by ${SLOW_MS} ms`, () =>
                this.#do({ do: 'slow', node: id, ms: slowMs > 0 ? 0 : SLOW_MS }),
              ),
              button(apart.includes(id) ? 'Join again' : 'Set apart', () =>
                this.#do({ do: 'partition', apart: toggled(apart, id) }),
              ),
            ]
          : []),
      ),
    ];
  }

  #processButtons({ id, state }: NodeView): HTMLElement[] {
    const act = (label: string, what: 'kill' | 'pause' | 'resume' | 'restart', kind = ''): HTMLElement =>
      button(label, () => this.#do({ do: what, node: id }), { class: `button ${kind}` });
    switch (state) {
      case 'down':
        return [act('Start again', 'restart', 'strong')];
      case 'starting':
        return [el('span', { class: 'hint' }, 'starting …')];
      case 'paused':
        return [act('Go on', 'resume', 'strong'), act('Kill', 'kill', 'danger')];
      default:
        return [act('Pause', 'pause'), act('Kill', 'kill', 'danger')];
    }
  }
}

function toggled(list: readonly string[], one: string): string[] {
  return list.includes(one) ? list.filter((other) => other !== one) : [...list, one];
}
