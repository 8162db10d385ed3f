import type { LinkReply, ReplySink } from '../../src/node/reply-sink.js';

export interface Heard {
  readonly token: number;
  readonly from: string;
  readonly reply: LinkReply;
}

/** Remembers what it is answered. */
export class RecordingSink implements ReplySink {
  readonly heard: Heard[] = [];

  onReply(token: number, from: string, reply: LinkReply): void {
    this.heard.push({ token, from, reply });
  }

  /** The answers as `token from kind`, in order. */
  get lines(): string[] {
    return this.heard.map(({ token, from, reply }) => `${token} ${from} ${reply.kind}`);
  }
}
