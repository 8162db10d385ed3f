/** Performs the steps of a scenario at their times, and notes when each really took effect and was taken back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosTarget, Fault } from '../faults/fault.js';
import { historyTimeMs } from '../history-writer.js';
import type { Action } from '../scenario/actions.js';
import type { Step } from '../scenario/scenario.js';
import { makeFault } from './make-fault.js';

/** Something that was done to the cluster. Times are those of the history. */
export interface Span {
  readonly title: string;
  readonly fromMs: number;
  /** When its probe had seen the effect; undefined: never, or there was nothing to see. */
  confirmedMs: number | undefined;
  /** Undefined while it lasts. */
  toMs: number | undefined;
  /** Why it could not be done, or was not seen. */
  problem: string | undefined;
}

export interface StageOptions {
  readonly target: ChaosTarget;
  readonly restart: (node: string) => Promise<void>;
  readonly changePolicy: (action: Extract<Action, { kind: 'policy' }>) => Promise<void>;
  readonly onSpan?: ((span: Span, what: 'begins' | 'confirmed' | 'ends') => void) | undefined;
}

/** A fault that is to last so long must be seen; a shorter one is over before one can be sure. */
const CONFIRM_FROM_MS = 3_000;
const PROBE_PAUSE_MS = 100;

interface Active {
  readonly span: Span;
  readonly fault: Fault;
}

export class Stage {
  readonly spans: Span[] = [];
  readonly #options: StageOptions;
  #active: Active[] = [];

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /** Resolves when the time is up and every step has been performed. */
  async play(steps: readonly Step[], lengthMs: number): Promise<void> {
    const startMs = historyTimeMs();
    const under: Promise<void>[] = [];
    for (const step of steps) {
      await sleep(Math.max(0, startMs + step.atMs - historyTimeMs()));
      under.push(this.#perform(step, startMs + lengthMs));
    }
    await sleep(Math.max(0, startMs + lengthMs - historyTimeMs()));
    await Promise.all(under);
    await this.#healAll();
  }

  async #perform({ action, atMs, forMs }: Step, endMs: number): Promise<void> {
    if (action.kind === 'heal') return this.#noted('heal', () => this.#healAll());
    if (action.kind === 'restart')
      return this.#noted(`restart ${action.node}`, () => this.#options.restart(action.node));
    if (action.kind === 'policy') {
      return this.#noted(`policy ${action.policy}`, () => this.#options.changePolicy(action));
    }
    const fault = makeFault(this.#options.target, action)!;
    const span = this.#begin(fault.description);
    const healAtMs = forMs === undefined ? endMs : span.fromMs + forMs;
    const active = { span, fault };
    this.#active.push(active);
    try {
      await fault.inject();
      await this.#confirm(active, healAtMs, forMs ?? endMs - atMs);
      if (forMs === undefined) return;
      await sleep(Math.max(0, healAtMs - historyTimeMs()));
      await this.#heal(active);
    } catch (error) {
      span.problem = messageOf(error);
      await this.#heal(active).catch(() => undefined);
    }
  }

  /** Something that is over once it is done. */
  async #noted(title: string, run: () => Promise<void>): Promise<void> {
    const span = this.#begin(title);
    try {
      await run();
    } catch (error) {
      span.problem = messageOf(error);
    }
    this.#end(span);
  }

  async #confirm({ span, fault }: Active, untilMs: number, lastsMs: number): Promise<void> {
    let missing: string | undefined;
    while (span.toMs === undefined && historyTimeMs() < untilMs) {
      missing = await fault.probe().catch(messageOf);
      if (missing === undefined) {
        span.confirmedMs = historyTimeMs();
        this.#options.onSpan?.(span, 'confirmed');
        return;
      }
      await sleep(PROBE_PAUSE_MS);
    }
    if (lastsMs >= CONFIRM_FROM_MS && span.toMs === undefined)
      span.problem = `not seen: ${missing ?? 'no time to look'}`;
  }

  async #healAll(): Promise<void> {
    for (const active of [...this.#active].reverse()) {
      await this.#heal(active).catch((error: unknown) => (active.span.problem ??= messageOf(error)));
    }
  }

  async #heal(active: Active): Promise<void> {
    if (!this.#active.includes(active)) return;
    this.#active = this.#active.filter((one) => one !== active);
    try {
      await active.fault.heal();
    } finally {
      this.#end(active.span);
    }
  }

  #begin(title: string): Span {
    const span = { title, fromMs: historyTimeMs(), confirmedMs: undefined, toMs: undefined, problem: undefined };
    this.spans.push(span);
    this.#options.onSpan?.(span, 'begins');
    return span;
  }

  #end(span: Span): void {
    span.toMs = historyTimeMs();
    this.#options.onSpan?.(span, 'ends');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
