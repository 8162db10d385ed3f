/** Shows a chaos run while it goes on: a bar with live rates on a terminal, else a line for each event. */
import cliProgress from 'cli-progress';
import type { HistoryEvent } from '../../chaos/history.js';
import { LiveRates, type Rates } from '../../chaos/run/live-rates.js';
import type { Phase, RunWatcher } from '../../chaos/run/run-scenario.js';
import type { Span } from '../../chaos/run/stage.js';
import type { Output } from './output.js';

const BAR_PERIOD_MS = 500;
const LINE_PERIOD_MS = 5_000;

const PHASE_LINES: Readonly<Record<Exclude<Phase, 'running'>, string>> = {
  starting: 'starting the cluster',
  healing: 'healing',
  converging: 'waiting until all home replicas hold the same',
  checking: 'checking the history',
};

export class ChaosProgress implements RunWatcher {
  readonly #output: Output;
  readonly #seconds: number;
  readonly #faults = new Set<string>();
  #bar: cliProgress.SingleBar | undefined;
  #timer: NodeJS.Timeout | undefined;
  #startedMs = 0;

  constructor(output: Output, seconds: number) {
    this.#output = output;
    this.#seconds = seconds;
  }

  phase(phase: Phase, history: readonly HistoryEvent[]): void {
    this.stop();
    if (phase === 'running') this.#run(new LiveRates(history));
    else this.#output.note(this.#output.noteStyle.dim(`  ${PHASE_LINES[phase]} …`));
  }

  span({ title, problem }: Span, what: 'begins' | 'confirmed' | 'ends'): void {
    if (what === 'begins') this.#faults.add(title);
    if (what === 'ends') this.#faults.delete(title);
    if (this.#bar !== undefined) return;
    const { warning, dim } = this.#output.noteStyle;
    const said = what === 'confirmed' ? dim('took effect') : what;
    this.#output.note(`  ${this.#clock()}  ${title} ${said}${problem === undefined ? '' : ` ${warning(problem)}`}`);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #run(rates: LiveRates): void {
    this.#startedMs = performance.now();
    if (!process.stderr.isTTY) {
      this.#timer = setInterval(
        () => this.#output.note(`  ${this.#clock()}  ${ratesText(rates.take())}`),
        LINE_PERIOD_MS,
      );
      return;
    }
    const format = '  {bar} {clock} of {seconds} s  {rates}  {faults}';
    const bar = new cliProgress.SingleBar(
      { format, stream: process.stderr, hideCursor: true, clearOnComplete: true, barsize: 24, linewrap: null },
      cliProgress.Presets.shades_classic,
    );
    const payload = () => ({
      clock: this.#clock(),
      seconds: this.#seconds,
      rates: ratesText(rates.take()),
      faults: this.#output.noteStyle.bad([...this.#faults].join(', ')),
    });
    bar.start(this.#seconds, 0, payload());
    this.#bar = bar;
    this.#timer = setInterval(() => bar.update(Math.min(this.#elapsedS(), this.#seconds), payload()), BAR_PERIOD_MS);
  }

  #elapsedS(): number {
    return (performance.now() - this.#startedMs) / 1_000;
  }

  #clock(): string {
    return this.#startedMs === 0 ? '' : this.#elapsedS().toFixed(1).padStart(5);
  }
}

function ratesText({ callsPerSecond, failed, p50Ms, p99Ms }: Rates): string {
  const rate = `${Math.round(callsPerSecond)} calls/s`;
  return `${rate}, ${(failed * 100).toFixed(1)} % failed, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(0)} ms`;
}
