/** The messages of one frame that was sent, and who still waits for which peer's answers. */
import type { LinkReply, ReplySink } from './reply-sink.js';

export const UNREACHABLE = Object.freeze({ kind: 'unreachable' } as const);

export class FrameCalls {
  readonly #sinks: ReplySink[] = [];
  readonly #tokens: number[] = [];
  /** Peers that still owe answers: how many, and which messages they have answered (undefined: none). */
  readonly #owing = new Map<string, { left: number; answered: Uint8Array | undefined }>();

  constructor(
    readonly targets: readonly string[],
    /** Monotonic milliseconds, for dropping frames that nobody will answer. */
    public sentMs: number,
  ) {}

  add(sink: ReplySink, token: number): void {
    this.#sinks.push(sink);
    this.#tokens.push(token);
  }

  sent(nowMs: number): void {
    this.sentMs = nowMs;
    for (const target of this.targets) this.#owing.set(target, { left: this.#sinks.length, answered: undefined });
  }

  get isDone(): boolean {
    return this.#owing.size === 0;
  }

  /** The same answer for all messages that the peer has not answered yet. */
  answerAll(peer: string, reply: LinkReply): void {
    const owing = this.#owing.get(peer);
    if (owing === undefined) return;
    this.#owing.delete(peer);
    for (let i = 0; i < this.#sinks.length; i += 1) {
      if (owing.answered?.[i] !== 1) this.#sinks[i]!.onReply(this.#tokens[i]!, peer, reply);
    }
  }

  answer(peer: string, index: number, reply: LinkReply): void {
    const owing = this.#owing.get(peer);
    if (owing === undefined || !(Number.isInteger(index) && index >= 0 && index < this.#sinks.length)) return;
    owing.answered ??= new Uint8Array(this.#sinks.length);
    if (owing.answered[index] === 1) return;
    owing.answered[index] = 1;
    owing.left -= 1;
    if (owing.left === 0) this.#owing.delete(peer);
    this.#sinks[index]!.onReply(this.#tokens[index]!, peer, reply);
  }
}
