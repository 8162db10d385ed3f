/** Who watches what really happens in a simulated cluster: on its disks and its network, and to its clients. */
import type { Ballot } from '../../src/core/ballot.js';
import type { Record } from '../../src/core/register.js';
import type { PolicyStand } from '../../src/core/repair-message.js';
import type { Reply, Request } from '../../src/core/request.js';
import type { Heartbeat, ReplyFrame, RequestFrame } from '../../src/ports/peers.js';

/** F on a node's disk, before and after a batch. */
export interface Floors {
  readonly before: Ballot;
  readonly after: Ballot;
}

export interface Observer {
  /** What a node has sent to disk is durable now; `after` null: the record is gone. */
  synced(node: string, key: string, before: Record | undefined, after: Record | null, floors: Floors): void;
  requested(from: string, to: string, frame: RequestFrame | Heartbeat): void;
  /** A node answers a frame of another one, which came when its policy had this epoch. */
  replied(from: string, to: string, request: RequestFrame | Heartbeat, frame: ReplyFrame, epoch: number): void;
  /** A node answers a client. */
  answered(node: string, request: Request, reply: Reply): void;
  /** A node works under another policy, or may claim more, from now on. */
  stood(node: string, stand: PolicyStand): void;
}
