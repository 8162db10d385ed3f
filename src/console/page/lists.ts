/** The latest answers and errors, and the writes that lost in a merge. */
import type { ConflictView, ConsoleView, HappeningView } from '../api.js';
import { byId, el, say } from './dom.js';
import { ago, plural } from './format.js';

const RECENT_SHOWN = 10;
const MARKS: Readonly<Record<HappeningView['kind'], string>> = {
  answer: '✓',
  weak: '◐',
  stale: '↺',
  error: '✕',
  operator: '›',
};

export class Lists {
  readonly #recent = byId('recent');
  readonly #ledger = byId('ledger');
  readonly #count = byId('ledger-count');

  show({ recent, conflicts, conflictCount, nowMs }: ConsoleView): void {
    // Whoever reads or selects in the list is not disturbed.
    if (!this.#recent.matches(':hover, :focus-within')) {
      const lines = recent.slice(0, RECENT_SHOWN).map((one) => happening(one, nowMs));
      this.#recent.replaceChildren(
        ...(lines.length > 0 ? lines : [el('li', { class: 'hint' }, 'Nothing was asked yet.')]),
      );
    }
    say(this.#count, conflictCount === 0 ? '' : plural(conflictCount, 'entry').replace('entrys', 'entries'));
    const entries = conflicts.map((one) => conflict(one, nowMs));
    const empty = el('li', { class: 'hint' }, 'Empty: no acknowledged write was lost in a merge.');
    this.#ledger.replaceChildren(...(entries.length > 0 ? entries : [empty]));
  }
}

function happening({ kind, level, text, times, atMs }: HappeningView, nowMs: number): HTMLElement {
  const [what = '', ...rest] = text.split(': ');
  const said = rest.join(': ');
  return el(
    'li',
    { class: `${kind}${level === undefined ? '' : ` level-${level}`}` },
    el('i', { 'aria-hidden': 'true' }, MARKS[kind]),
    el('span', {}, el('strong', {}, what), said === '' ? '' : `  ${said}`),
    el('small', {}, times > 1 ? `× ${times}` : ago(nowMs - atMs)),
  );
}

function conflict({ key, lost, kept, certainty, atMs }: ConflictView, nowMs: number): HTMLElement {
  return el(
    'li',
    {},
    el('strong', {}, key),
    el('span', {}, el('s', {}, lost), ' lost to ', el('b', {}, kept)),
    el('small', {}, `${certainty === 'certain' ? 'certain' : 'possibly known to the winner'}, ${ago(nowMs - atMs)}`),
  );
}
