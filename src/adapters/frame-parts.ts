/** Cuts what is ready to be sent into parts that each fit a frame; most often there is one. */
import { FRAME_BYTES_MAX, FRAME_OPERATIONS_MAX } from '../core/defaults.js';
import type { PeerReply } from '../core/peer-message.js';
import type { ListReply, Reply, Request } from '../core/request.js';

/** What one item takes in a frame beside its keys, values and texts, roughly. */
const ITEM_BYTES = 64;
/** A code unit of a text takes at most three bytes. */
const UNIT_BYTES = 3;

/** Where the part ends that begins at `from`: one item at least, and as many as fit. */
export function partEnd<T>(items: readonly T[], from: number, bytesOf: (item: T) => number): number {
  const end = Math.min(items.length, from + FRAME_OPERATIONS_MAX);
  let bytes = bytesOf(items[from]!);
  let to = from + 1;
  for (; to < end; to += 1) {
    bytes += bytesOf(items[to]!);
    if (bytes > FRAME_BYTES_MAX) return to;
  }
  return to;
}

export function inParts<T>(items: readonly T[], bytesOf: (item: T) => number): (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let from = 0; from < items.length;) {
    const to = partEnd(items, from, bytesOf);
    parts.push(from === 0 && to === items.length ? items : items.slice(from, to));
    from = to;
  }
  return parts;
}

export function requestBytes(request: Request): number {
  if (request.kind === 'list') return ITEM_BYTES + (request.from.length + request.to.length) * UNIT_BYTES;
  return ITEM_BYTES + request.key.length * UNIT_BYTES + valueBytes(request);
}

/** The length of the value that a request brings along. */
export function valueBytes(request: Request): number {
  if (request.kind !== 'mutate') return 0;
  const { mutation } = request.operation;
  return mutation.kind === 'put' ? mutation.value.length : 0;
}

export function replyBytes(reply: Reply): number {
  switch (reply.kind) {
    case 'value':
      return ITEM_BYTES + (reply.value?.length ?? 0);
    case 'mutated':
      return ITEM_BYTES;
    case 'keys':
      return ITEM_BYTES + listBytes(reply);
    case 'error':
      return ITEM_BYTES + reply.error.message.length * UNIT_BYTES;
  }
}

function listBytes({ keys, deleted }: ListReply): number {
  const live = keys.reduce((sum, key) => sum + key.length * UNIT_BYTES, 0);
  return deleted.reduce((sum, { key }) => sum + key.length * UNIT_BYTES + ITEM_BYTES, live);
}

export function peerReplyBytes(reply: PeerReply): number {
  if (reply.kind === 'alarm') return ITEM_BYTES + reply.reason.length * UNIT_BYTES;
  if (reply.kind !== 'promised' && reply.kind !== 'found') return ITEM_BYTES;
  const { state } = reply;
  return ITEM_BYTES * 2 + (state?.size ?? 0);
}
