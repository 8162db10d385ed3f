/** PACELC as a square: what the cluster does in a partition, and what it prefers otherwise. */
import type { Policy } from '../../core/policy.js';
import type { ConsoleView } from '../api.js';
import { button, byId, el, say, set } from './dom.js';

/** In reading order: the rows are P, the columns E. */
const COLUMNS = ['latency', 'consistency'] as const;
const ROWS: readonly { readonly side: string; readonly policies: readonly [Policy, Policy] }[] = [
  { side: 'In a partition, a side without a majority refuses', policies: ['PC/EL', 'PC/EC'] },
  { side: 'In a partition, every side serves', policies: ['PA/EL', 'PA/EC'] },
];

export class Quadrant {
  readonly #note = byId('policy-note');
  readonly #choices = new Map<Policy, HTMLButtonElement>();

  constructor(choose: (policy: Policy) => void) {
    const root = byId('quadrant');
    for (const { side, policies } of ROWS) {
      root.append(el('span', { class: 'axis' }, side));
      for (const [index, policy] of policies.entries()) {
        const cell = button('', () => choose(policy), { class: 'choice', role: 'radio', 'data-policy': policy });
        set(cell, { 'aria-label': `${policy}. ${side}. Else ${COLUMNS[index]!}` });
        cell.append(el('strong', {}, policy), el('span', {}, `else ${COLUMNS[index]!}`));
        this.#choices.set(policy, cell);
        root.append(cell);
      }
    }
    root.addEventListener('keydown', (event) => this.#move(event));
  }

  show({ cluster }: ConsoleView): void {
    for (const [policy, cell] of this.#choices) {
      const isChosen = policy === cluster.policy;
      set(cell, { 'aria-checked': String(isChosen), tabindex: isChosen ? 0 : -1 });
    }
    say(this.#note, cluster.settling ? 'settling: nothing is called linearizable yet' : '');
  }

  /** The arrow keys move the focus; Enter and Space choose, because a change of policy is work for the cluster. */
  #move(event: KeyboardEvent): void {
    const cells = [...this.#choices.values()];
    const at = cells.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowLeft: at % 2 === 1 ? -1 : 0, ArrowRight: at % 2 === 0 ? 1 : 0, ArrowUp: -2, ArrowDown: 2 }[
      event.key
    ];
    const next = step === undefined || at < 0 ? undefined : cells[at + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  }
}
