/** One direction of one connection: from a socket, through a chain of toxics, to the other socket. */
import type { Socket } from 'node:net';
import { Channel } from './channel.js';
import { Stage } from './stage.js';
import type { Toxic } from './toxic.js';
import { noop } from './toxics/noop.js';

/** Always the first of the chain: interrupting it holds the data back while the chain changes. */
const ENTRY: Toxic = {
  name: '',
  type: 'noop',
  kind: noop,
  stream: '',
  direction: 'upstream',
  toxicity: 1,
  attributes: {},
};

export interface LinkOptions {
  readonly source: Socket;
  readonly target: Socket;
  /** In the order of the chain; this link changes none of them. */
  readonly toxics: readonly Toxic[];
  /** Ends the target once everything has been written to it. */
  readonly end: (target: Socket) => void;
  readonly received: (bytes: number) => void;
  readonly sent: (bytes: number) => void;
}

export class Link {
  readonly #options: LinkOptions;
  /** The toxic at work in each stage; the first is the entry. */
  #chain: Toxic[] = [ENTRY];
  readonly #stages: Stage[];
  /** Changes of the chain happen one after the other. */
  #change: Promise<void> = Promise.resolve();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#stages = [new Stage(new Channel(), new Channel())];
    for (const toxic of options.toxics) this.#append(toxic);
    this.#read(options.source, this.#stages[0]!.input);
    void this.#write(options.target, this.#stages.at(-1)!.output);
    this.#stages.forEach((stage, index) => stage.start(this.#chain[index]!));
  }

  add(toxic: Toxic): Promise<void> {
    return this.#inTurn(async () => {
      const last = this.#stages.at(-1)!;
      if (!(await last.interrupt())) return;
      this.#append(toxic);
      this.#stages.at(-1)!.start(toxic);
      last.start(this.#chain.at(-2)!);
    });
  }

  /** Lets the toxic begin again with its new attributes. */
  update(toxic: Toxic): Promise<void> {
    return this.#inTurn(async () => {
      const stage = this.#stages[this.#chain.indexOf(toxic)];
      if (stage !== undefined && (await stage.interrupt())) stage.start(toxic);
    });
  }

  remove(toxic: Toxic): Promise<void> {
    return this.#inTurn(async () => {
      const index = this.#chain.indexOf(toxic);
      const stage = this.#stages[index];
      if (stage === undefined || !(await stage.interrupt())) return;
      if (toxic.kind.closesWhenRemoved === true) return stage.close();
      const before = this.#stages[index - 1]!;
      await before.interrupt();
      for (let chunk = stage.input.take(); chunk !== undefined; chunk = stage.input.take()) {
        if (chunk === null) return stage.close();
        void stage.output.send(chunk);
      }
      before.output = stage.output;
      this.#stages.splice(index, 1);
      this.#chain.splice(index, 1);
      before.start(this.#chain[index - 1]!);
    });
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    this.#change = this.#change.then(change);
    return this.#change;
  }

  /** Puts a stage at the end of the chain, between the last one and its output. */
  #append(toxic: Toxic): void {
    const last = this.#stages.at(-1)!;
    const between = new Channel(toxic.kind.capacity);
    this.#stages.push(new Stage(between, last.output));
    last.output = between;
    this.#chain.push(toxic);
  }

  #read(source: Socket, input: Channel): void {
    source.on('data', (data: Buffer) => {
      this.#options.received(data.length);
      const room = input.send({ data, atMs: performance.now() });
      if (room === undefined) return;
      source.pause();
      void room.then(() => source.resume());
    });
    for (const event of ['end', 'close']) source.on(event, () => input.close());
  }

  async #write(target: Socket, output: Channel): Promise<void> {
    for (;;) {
      const chunk = output.take();
      if (chunk === null) return this.#options.end(target);
      if (target.destroyed) return;
      if (chunk === undefined) {
        await new Promise<void>((resolve) => output.whenReady(resolve));
        continue;
      }
      this.#options.sent(chunk.data.length);
      if (target.write(chunk.data)) continue;
      await new Promise<void>((resolve) => {
        target.once('drain', resolve);
        target.once('close', resolve);
      });
    }
  }
}
