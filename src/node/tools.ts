/** What every call at a coordinator works with. */
import type { Micros, ProcessId } from '../core/ballot.js';
import type { BallotMint } from '../core/hlc.js';
import type { PeerMessage } from '../core/peer-message.js';
import type { ReceiptShapes } from '../core/receipt.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Random } from '../ports/random.js';
import { UNREACHABLE } from './frame-calls.js';
import type { PeerLinks } from './peer-links.js';
import type { Replica } from './replica.js';
import type { SlowLane } from './slow-lane.js';
import type { ReplySink } from './reply-sink.js';
import type { SampledWrite, WriteToTime } from './sampled-write.js';

export interface Tools {
  readonly self: ProcessId;
  readonly clock: Clock;
  readonly random: Random;
  readonly replica: Replica;
  readonly links: PeerLinks;
  readonly lane: SlowLane;
  readonly mint: BallotMint;
  readonly shapes: ReceiptShapes;
  readonly log: Log;
  /** Whether the acknowledgements of this write are timed. */
  readonly timed: (write: WriteToTime) => SampledWrite | undefined;
  readonly counters: { ownerRounds: number; slowRounds: number };
}

/** Something in progress that has to look at the time now and then. */
export interface Ticking {
  tick(nowMs: number): void;
}

/**
 * Asks home replicas one thing, this node included where it is among them: here first, in this turn, then the
 * others in one frame. Those it cannot be sent to are `unreachable` at once.
 */
export function askReplicas(
  tools: Tools,
  replicas: readonly string[],
  message: PeerMessage,
  sink: ReplySink,
  token: number,
): void {
  const { self, replica, links } = tools;
  if (replicas.includes(self.node)) replica.handle(message, sink, token);
  const others = replicas.filter((id) => id !== self.node && links.canSend(id));
  links.request(others, message, sink, token);
  if (others.length + 1 >= replicas.length && replicas.includes(self.node)) return;
  for (const id of replicas) if (id !== self.node && !others.includes(id)) sink.onReply(token, id, UNREACHABLE);
}

export function serverMicros(clock: Clock, startedMs: number): Micros {
  return Math.max(0, Math.round((clock.monotonicMs() - startedMs) * 1_000));
}
