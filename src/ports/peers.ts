import type { Micros, ProcessId } from '../core/ballot.js';
import type { DiskIdentity } from '../core/disk-identity.js';
import type { AcceptMessage, PeerReply, PrepareMessage, ReadMessage } from '../core/peer-message.js';
import type { RepairReply, RepairRequest } from '../core/repair-message.js';
import type { Reply, Request } from '../core/request.js';

/** Requests carry the epochs they were made under; a replica refuses others (PROTOCOL.md, "per replica"). */
export interface Epochs {
  readonly policy: number;
  readonly config: number;
}

/**
 * A batch on a link. All messages of a frame are of one kind, so that each field is one column.
 * `bulk` frames hold large values and travel on a second stream.
 */
export type RequestFrame =
  | (FrameHead & { readonly kind: 'prepare'; readonly messages: readonly PrepareMessage[] })
  | (FrameHead & { readonly kind: 'accept'; readonly messages: readonly AcceptMessage[] })
  | (FrameHead & { readonly kind: 'read'; readonly messages: readonly ReadMessage[] })
  | (FrameHead & { readonly kind: 'forward'; readonly messages: readonly Request[] })
  | (FrameHead & { readonly kind: 'repair'; readonly messages: readonly RepairRequest[] });

export interface FrameHead {
  /** Chosen by the sender; replies name it. */
  readonly id: number;
  readonly bulk: boolean;
  readonly epochs: Epochs;
}

export interface Heartbeat {
  readonly kind: 'heartbeat';
  /** The asker's monotonic clock, given back unchanged. */
  readonly sentMs: number;
}

export type ReplyFrame =
  /** The same answer for these messages of frame `to`; null: for all of them. */
  | {
      readonly kind: 'uniform';
      readonly to: number;
      readonly bulk: boolean;
      readonly indexes: readonly number[] | null;
      readonly reply: 'accepted' | 'same';
    }
  /** One answer for each of these messages. */
  | {
      readonly kind: 'replies';
      readonly to: number;
      readonly bulk: boolean;
      readonly indexes: readonly number[];
      readonly replies: readonly PeerReply[];
    }
  | {
      readonly kind: 'forwarded';
      readonly to: number;
      readonly bulk: boolean;
      readonly indexes: readonly number[];
      readonly replies: readonly Reply[];
    }
  | {
      readonly kind: 'repaired';
      readonly to: number;
      readonly bulk: boolean;
      readonly indexes: readonly number[];
      readonly replies: readonly RepairReply[];
    }
  | { readonly kind: 'heartbeat'; readonly sentMs: number; readonly clock: Micros };

/**
 * Frames between the nodes of a cluster. Each node opens a link to every other one: its requests go out on
 * that link and the answers come back on it. A frame is delivered at most once and may be lost with its link.
 */
export interface PeerTransport {
  start(receiver: LinkReceiver): void;
  /** To the links this node opened. Encoded once for all of `to`; dropped for those that are not up. */
  send(to: readonly string[], frame: RequestFrame | Heartbeat): void;
  /** Bytes accepted by `send` that the peer's stream has not taken yet. */
  queuedBytes(peer: string): number;
  /** Drops the link to a peer and dials again: for one that is open but silent. */
  reset(peer: string): void;
  stop(): Promise<void>;
}

/** The disks of the other nodes, as they were when their links were last up. */
export interface PeerDisks {
  /** Of this process. */
  readonly own: DiskIdentity;
  known(peer: string): DiskIdentity | undefined;
  learn(peer: string, disk: DiskIdentity): void;
  /** A peer says that this node voted from another disk: it may not go on (PROTOCOL.md rule 2). */
  disowned(reason: string): void;
}

export interface LinkReceiver {
  /** The link this node opened to a peer is up, and this is who answers there. */
  up(peer: string, process: ProcessId): void;
  /** It is gone; whatever was asked on it will not be answered. */
  down(peer: string, reason: string): void;
  /** An answer on a link this node opened. */
  answered(peer: string, frame: ReplyFrame): void;
  /** A request on a link that a peer opened; `respond` sends on that link, and does nothing once it is gone. */
  asked(peer: string, frame: RequestFrame | Heartbeat, respond: (frame: ReplyFrame) => void): void;
}
