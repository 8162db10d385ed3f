/** What is to be sent in this turn of the event loop: one frame for each kind of message and set of targets. */
import { FRAME_BYTES_MAX, FRAME_OPERATIONS_MAX, LARGE_VALUE_BYTES } from '../core/defaults.js';
import type { PeerMessage } from '../core/peer-message.js';
import type { RepairRequest } from '../core/repair-message.js';
import type { Request } from '../core/request.js';
import { FrameCalls } from './frame-calls.js';
import type { ReplySink } from './reply-sink.js';

export type LinkMessage = PeerMessage | Request | RepairRequest;
export type FrameKind = PeerMessage['kind'] | 'forward' | 'repair';

/** A frame being filled. */
export interface Draft {
  readonly kind: FrameKind;
  readonly bulk: boolean;
  readonly messages: LinkMessage[];
  readonly calls: FrameCalls;
  bytes: number;
}

export class Outbox {
  readonly #open = new Map<string, Draft>();
  #closed: Draft[] = [];

  /** Adds a message; true if it is the first since the last {@link take}. */
  add(kind: FrameKind, targets: readonly string[], message: LinkMessage, sink: ReplySink, token: number): boolean {
    const wasEmpty = this.#open.size === 0 && this.#closed.length === 0;
    const bytes = sizeOf(message);
    const bulk = bytes > LARGE_VALUE_BYTES;
    const draft = this.#draft(kind, bulk, targets);
    draft.messages.push(message);
    draft.calls.add(sink, token);
    draft.bytes += bytes;
    if (draft.messages.length >= FRAME_OPERATIONS_MAX || draft.bytes >= FRAME_BYTES_MAX) this.#close(draft, targets);
    return wasEmpty;
  }

  take(): readonly Draft[] {
    const drafts = [...this.#closed, ...this.#open.values()];
    this.#closed = [];
    this.#open.clear();
    return drafts;
  }

  #draft(kind: FrameKind, bulk: boolean, targets: readonly string[]): Draft {
    const name = nameOf(kind, bulk, targets);
    let draft = this.#open.get(name);
    if (draft === undefined) {
      draft = { kind, bulk, messages: [], calls: new FrameCalls(targets, 0), bytes: 0 };
      this.#open.set(name, draft);
    }
    return draft;
  }

  #close(draft: Draft, targets: readonly string[]): void {
    this.#open.delete(nameOf(draft.kind, draft.bulk, targets));
    this.#closed.push(draft);
  }
}

function nameOf(kind: FrameKind, bulk: boolean, targets: readonly string[]): string {
  return `${bulk ? '!' : ''}${kind} ${targets.length === 1 ? targets[0]! : targets.join(' ')}`;
}

function sizeOf(message: LinkMessage): number {
  switch (message.kind) {
    case 'accept':
    case 'hint':
    case 'settle':
      return message.key.length + message.state.size;
    case 'mutate': {
      const { mutation } = message.operation;
      return message.key.length + (mutation.kind === 'put' ? mutation.value.length : 0);
    }
    default:
      return 'key' in message ? message.key.length : 0;
  }
}
