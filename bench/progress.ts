/** Tells whoever waits how far the run has come: a moving bar on a terminal, else a line for each measure. */
import cliProgress from 'cli-progress';
import type { Measure } from './measure.js';
import type { Watcher } from './suite.js';

export class Progress implements Watcher {
  readonly #bar: cliProgress.SingleBar | undefined;
  readonly #total: number;
  #done = 0;

  constructor(total: number) {
    this.#total = total;
    if (!process.stderr.isTTY) return;
    this.#bar = new cliProgress.SingleBar(
      { format: '{bar} {value}/{total}  {title}', stream: process.stderr, hideCursor: true, clearOnComplete: true },
      cliProgress.Presets.shades_classic,
    );
    this.#bar.start(total, 0, { title: 'starting' });
  }

  begins(title: string): void {
    this.#bar?.update(this.#done, { title });
  }

  ended(title: string, { opsPerSecond }: Measure): void {
    this.#done += 1;
    if (this.#bar !== undefined) this.#bar.update(this.#done, { title });
    else process.stderr.write(`${this.#done}/${this.#total} ${title}: ${Math.round(opsPerSecond)} ops/s\n`);
  }

  stop(): void {
    this.#bar?.stop();
  }
}
