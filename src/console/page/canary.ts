/** The verdict on one key that is used all the time. */
import type { CanaryVerdict, ConsoleView } from '../api.js';
import { byId, el } from './dom.js';
import { plural } from './format.js';

const CLAIMS: Readonly<Record<CanaryVerdict, readonly [mark: string, text: string]>> = {
  valid: ['✓', 'Every “linearizable” receipt holds.'],
  invalid: ['✕', 'A receipt claimed too much: this is a bug.'],
  undecided: ['?', 'Too hard to decide in time.'],
  idle: ['–', 'No receipt says “linearizable” now.'],
};
const PLAIN: Readonly<Record<CanaryVerdict, string>> = {
  valid: 'All answers together look like one single copy.',
  invalid: 'All answers together do not look like one copy; no receipt claimed that they do.',
  undecided: 'Whether all answers together look like one copy could not be decided.',
  idle: 'Nothing was answered yet.',
};

export class CanaryPanel {
  readonly #root = byId('canary');

  show({ canary }: ConsoleView): void {
    const { claims, plain, operations, vouched, failed, seconds, explanation } = canary;
    const [mark, text] = CLAIMS[claims];
    this.#root.replaceChildren(
      el('p', { class: `verdict ${claims}` }, el('i', { 'aria-hidden': 'true' }, mark), text),
      el('p', { class: plain === 'invalid' ? 'weak' : '' }, PLAIN[plain]),
      el(
        'p',
        { class: 'hint' },
        `${plural(operations, 'operation')} in ${seconds} s, ${vouched} vouched for, ${failed} failed`,
      ),
      ...(explanation === undefined ? [] : [el('p', { class: 'hint mono' }, explanation)]),
    );
  }
}
