/** One toxic at work on one direction of one connection. */
import type { Channel, Chunk } from './channel.js';
import { INTERRUPTED, type Flow } from './flow.js';
import type { Toxic } from './toxic.js';
import { noop } from './toxics/noop.js';

export class Stage implements Flow {
  input: Channel;
  output: Channel;
  readonly state: Record<string, number> = {};
  #wake: (() => void) | undefined;
  #isInterrupted = false;
  #run: Promise<void> = Promise.resolve();

  constructor(input: Channel, output: Channel) {
    this.input = input;
    this.output = output;
  }

  /** Whether the toxic has ended the connection, or it has ended by itself. */
  get isClosed(): boolean {
    return this.output.isClosed;
  }

  /** By chance, as the toxicity says, the toxic has no effect on this connection. */
  start(toxic: Toxic): void {
    this.#isInterrupted = false;
    const { kind, attributes } = Math.random() < toxic.toxicity ? toxic : { kind: noop, attributes: {} };
    this.#run = kind.pipe(this, attributes);
  }

  /** Stops the toxic without losing a byte. False where the stage is closed, and cannot go on either. */
  async interrupt(): Promise<boolean> {
    if (this.isClosed) return false;
    this.#isInterrupted = true;
    this.#wake?.();
    await this.#run;
    return !this.isClosed;
  }

  async read(): Promise<Chunk | null | typeof INTERRUPTED> {
    for (;;) {
      if (this.#isInterrupted) return INTERRUPTED;
      const chunk = this.input.take();
      if (chunk !== undefined) return chunk;
      await this.#waitFor((wake) => this.input.whenReady(wake));
      this.input.whenReady(undefined);
    }
  }

  async write(chunk: Chunk): Promise<void> {
    const room = this.output.send(chunk);
    if (room === undefined) return;
    await this.#waitFor((wake) => void room.then(wake));
  }

  async sleep(ms: number): Promise<boolean> {
    if (this.#isInterrupted) return false;
    if (ms <= 0) return true;
    let timer: NodeJS.Timeout | undefined;
    await this.#waitFor((wake) => (timer = setTimeout(wake, ms)));
    clearTimeout(timer);
    return !this.#isInterrupted;
  }

  async standStill(): Promise<void> {
    await this.#waitFor(() => undefined);
  }

  close(): void {
    this.output.close();
  }

  async #waitFor(arm: (wake: () => void) => void): Promise<void> {
    if (this.#isInterrupted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      arm(resolve);
    });
    this.#wake = undefined;
  }
}
