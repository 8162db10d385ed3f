/** What happens to one node while clients go on: each as a list of steps, in the words of scenarios. */
import { parseScenario } from '../scenario/parse.js';
import type { Step } from '../scenario/scenario.js';

export interface Situation {
  readonly name: string;
  readonly about: string;
  /** For a run of {@link SITUATION_SECONDS}. */
  readonly steps: readonly Step[];
}

export const SITUATION_SECONDS = 12;

const WRITTEN: readonly (readonly [name: string, about: string, steps: string])[] = [
  ['healthy', 'nothing is wrong', 'at 12s heal'],
  [
    'slow node',
    'n1 answers clients and nodes late',
    'at 1s latency n1 * 250ms jitter 50ms\nat 1s latency n1 clients 250ms jitter 50ms',
  ],
  ['dead node', 'n1 keeps its connections and answers nothing', 'at 1s pause n1'],
  ['killed node', 'n1 is gone', 'at 1s kill n1'],
  ['flapping', 'the way from clients to n1 comes and goes', 'from 1s to 12s every 2s for 1s partition clients | n1'],
  ['one-way', 'n1 hears its clients, and they do not hear it', 'at 1s partition n1 > clients'],
];

export function situations(): Situation[] {
  return WRITTEN.map(([name, about, steps]) => {
    const text = `title ${name}\nworkload register\nseconds ${SITUATION_SECONDS}\n${steps}`;
    return { name, about, steps: parseScenario(name, text).steps };
  });
}
