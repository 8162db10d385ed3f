/** The state of the cluster in one sentence, and whether there is anything to heal. */
import type { ConsoleView, NodeView } from '../api.js';
import { byId, say, set } from './dom.js';

export class Headline {
  readonly #where = byId('where');
  readonly #health = byId('health');
  readonly #heal = byId('heal', HTMLButtonElement);
  #isConnected = false;

  show(view: ConsoleView): void {
    const { cluster, nodes } = view;
    say(this.#where, `${cluster.name} · ${nodes.length} nodes · ${cluster.replicas} copies of each key`);
    const problem = problemOf(view);
    const said = this.#isConnected ? (problem ?? 'Healthy') : 'The console does not answer. Trying again …';
    say(this.#health, said);
    set(this.#health, { class: `health ${this.#isConnected && problem === undefined ? 'good' : 'bad'}` });
    set(this.#heal, { hidden: !isHurt(view) });
  }

  connected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    if (!isConnected) {
      say(this.#health, 'The console does not answer. Trying again …');
      set(this.#health, { class: 'health bad' });
    }
  }
}

function problemOf({ nodes, links, apart }: ConsoleView): string | undefined {
  // That a node drawn apart has no majority goes without saying.
  const isInTrouble = ({ state }: NodeView): boolean => state !== 'up' && (state !== 'not-ready' || apart.length === 0);
  const others = nodes.map(({ id }) => id).filter((id) => !apart.includes(id));
  const parts = nodes.filter(isInTrouble).map(({ id, state }) => `${id} is ${state.replace('-', ' ')}`);
  if (apart.length > 0) parts.unshift(`Partition: ${apart.join(' ')} | ${others.join(' ')}`);
  else {
    const alive = links.filter(({ a, b }) => nodes.every(({ id, state }) => (id !== a && id !== b) || state === 'up'));
    for (const { a, b, state } of alive)
      if (state !== 'up') parts.push(`${a}—${b} ${state === 'lost' ? 'do not hear each other' : state}`);
  }
  if (parts.length === 0) return undefined;
  return parts.slice(0, 3).join(' · ') + (parts.length > 3 ? ` and ${parts.length - 3} more` : '');
}

function isHurt({ nodes, links, apart }: ConsoleView): boolean {
  const isInjected = links.some(({ state, slowMs }) => state === 'cut' || slowMs > 0);
  return apart.length > 0 || isInjected || nodes.some(({ state }) => state === 'paused' || state === 'down');
}
