/** A terminal that is drawn again and again in place; where there is none, the lines are printed one after another. */
import type { ReadStream, WriteStream } from 'node:tty';

/** Another screen, without a cursor; and back (xterm control sequences). */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const END_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';
const CTRL_C = '\u0003';

export class LiveScreen {
  readonly #out: NodeJS.WriteStream;
  readonly #in: NodeJS.ReadStream;
  #isOpen = false;
  #quit: (() => void) | undefined;

  constructor(out: WriteStream | NodeJS.WriteStream, input: ReadStream | NodeJS.ReadStream) {
    this.#out = out;
    this.#in = input;
  }

  draw(lines: readonly string[]): void {
    if (!this.#out.isTTY) {
      this.#out.write(`${lines.join('\n')}\n\n`);
      return;
    }
    this.#open();
    const rows = lines.join('\n').split('\n').slice(0, this.#out.rows);
    this.#out.write(`${HOME}${rows.map((row) => row + END_OF_LINE).join('\n')}${REST_OF_SCREEN}`);
  }

  /** q or Ctrl-C was pressed. */
  onQuit(quit: () => void): void {
    this.#quit = quit;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#out.write(LEAVE);
    if (!this.#in.isTTY) return;
    this.#in.off('data', this.#onKey);
    this.#in.setRawMode(false);
    this.#in.pause();
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#out.write(ENTER);
    if (!this.#in.isTTY) return;
    this.#in.setRawMode(true);
    this.#in.on('data', this.#onKey);
  }

  readonly #onKey = (key: Buffer): void => {
    if (['q', 'Q', CTRL_C].includes(key.toString())) this.#quit?.();
  };
}
