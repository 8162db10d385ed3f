/**
 * The links to the other nodes: batches what a turn of the event loop wants to send, matches answers to who
 * asked, and knows by heartbeats who can be reached.
 */
import type { ProcessId } from '../core/ballot.js';
import {
  CLOCK_WARN_MS,
  HEARTBEAT_MS,
  LINK_QUEUE_BYTES_MAX,
  OPERATION_LIFETIME_MS,
  SUSPECT_AFTER_MS,
} from '../core/defaults.js';
import { AwakeClock } from '../core/awake-clock.js';
import { PeerLiveness } from '../core/peer-liveness.js';
import type { PeerMessage } from '../core/peer-message.js';
import type { RepairReply, RepairRequest } from '../core/repair-message.js';
import type { Reply, Request } from '../core/request.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Epochs, Heartbeat, LinkReceiver, PeerTransport, ReplyFrame, RequestFrame } from '../ports/peers.js';
import { type FrameCalls, UNREACHABLE } from './frame-calls.js';
import { InboundAnswers, InboundFrame } from './inbound-frame.js';
import { Outbox, type Draft, type FrameKind, type LinkMessage } from './outbox.js';
import type { ReplySink } from './reply-sink.js';
import type { PeerStats } from './stats.js';

/** What this node does for its peers. */
export interface PeerService {
  handle(message: PeerMessage, sink: ReplySink, token: number, from: string): void;
  executeForwarded(request: Request, done: (reply: Reply) => void): void;
  /** The link to this peer has come up. */
  linkUp(peer: string): void;
  /** This peer works under another policy, or did when it sent a frame. */
  otherEpoch(peer: string): void;
  repair(from: string, request: RepairRequest, done: (reply: RepairReply) => void): void;
}

export interface PeerLinksOptions {
  /** The other nodes. */
  readonly peers: readonly string[];
  readonly transport: PeerTransport;
  readonly service: PeerService;
  /** Those of this node now. */
  readonly epochs: () => Epochs;
  readonly clock: Clock;
  readonly log: Log;
}

/** A link that is open but silent for this long is dropped and dialled again. */
const RESET_AFTER_MS = 5 * SUSPECT_AFTER_MS;

interface Peer {
  readonly id: string;
  linkUp: boolean;
  readonly liveness: PeerLiveness;
  process: ProcessId | undefined;
  lastHeardMs: number;
  resetAtMs: number;
  roundTripMs: number | undefined;
  clockOffsetMs: number | undefined;
  clockWarned: boolean;
}

export class PeerLinks implements LinkReceiver {
  readonly #options: PeerLinksOptions;
  readonly #peers: ReadonlyMap<string, Peer>;
  /** Time as this process lives it: its own pauses are no silence of its peers. */
  readonly #awake: AwakeClock;
  readonly #outbox = new Outbox();
  readonly #sent = new Map<number, FrameCalls>();
  #nextFrame = 1;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: PeerLinksOptions) {
    this.#options = options;
    this.#awake = new AwakeClock(SUSPECT_AFTER_MS / 2);
    const nowMs = this.#awakeMs();
    this.#peers = new Map(options.peers.map((id) => [id, newPeer(id, nowMs)]));
  }

  start(): void {
    this.#options.transport.start(this);
    this.#beat();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#options.transport.stop();
  }

  reachable(id: string): boolean {
    const peer = this.#peers.get(id);
    return peer?.liveness.reachable(this.#awakeMs()) === true;
  }

  /** Whether a message would be sent: also to a silent peer, which may catch up, as long as its queue is short. */
  canSend(id: string): boolean {
    return this.#peers.get(id)?.linkUp === true && this.#options.transport.queuedBytes(id) < LINK_QUEUE_BYTES_MAX;
  }

  /** Sends one message to each target at the end of this turn; each answers at most once, or is `unreachable`. */
  request(targets: readonly string[], message: PeerMessage, sink: ReplySink, token: number): void {
    if (targets.length > 0) this.#queue(message.kind, targets, message, sink, token);
  }

  forward(target: string, request: Request, sink: ReplySink, token: number): void {
    this.#queue('forward', [target], request, sink, token);
  }

  /** Asks one node something of the background, whatever the epochs are. */
  repair(target: string, request: RepairRequest, sink: ReplySink, token = 0): void {
    this.#queue('repair', [target], request, sink, token);
  }

  stats(): PeerStats[] {
    const nowMs = this.#options.clock.monotonicMs();
    return Array.from(this.#peers.values(), ({ id, linkUp, liveness, lastHeardMs, roundTripMs, clockOffsetMs }) => ({
      id,
      reachable: this.reachable(id),
      verdict: liveness.verdict(this.#awakeMs()),
      phi: linkUp ? liveness.phi(this.#awakeMs()) : undefined,
      heardMsAgo: lastHeardMs === 0 ? undefined : nowMs - lastHeardMs,
      roundTripMs,
      clockOffsetMs,
      queuedBytes: this.#options.transport.queuedBytes(id),
    }));
  }

  /** Of the last heartbeat; 0 where none was answered yet. */
  roundTripMs(id: string): number {
    return this.#peers.get(id)?.roundTripMs ?? 0;
  }

  /** The peer's clock minus ours, where they differ by more than the measurement may be wrong; else 0. */
  clockOffsetMs(id: string): number {
    const { clockOffsetMs = 0, roundTripMs = 0 } = this.#peers.get(id) ?? {};
    return Math.abs(clockOffsetMs) > roundTripMs ? clockOffsetMs : 0;
  }

  up(id: string, process: ProcessId): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.linkUp = true;
    peer.process = process;
    peer.lastHeardMs = this.#options.clock.monotonicMs();
    peer.liveness.linkUp(this.#awakeMs());
    this.#options.log.info({ peer: id, incarnation: process.incarnation }, 'link up');
    this.#options.service.linkUp(id);
  }

  down(id: string, reason: string): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    if (peer.linkUp && !this.#stopped) this.#options.log.warn({ peer: id, reason }, 'link down');
    peer.linkUp = false;
    peer.liveness.linkDown();
    for (const [frame, calls] of this.#sent) {
      calls.answerAll(id, UNREACHABLE);
      if (calls.isDone) this.#sent.delete(frame);
    }
  }

  answered(id: string, frame: ReplyFrame): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.lastHeardMs = this.#options.clock.monotonicMs();
    if (frame.kind !== 'heartbeat') peer.liveness.heard(this.#awakeMs());
    else {
      peer.liveness.heartbeat(this.#awakeMs());
      this.#onHeartbeat(peer, frame.sentMs, frame.clock);
      return;
    }
    const calls = this.#sent.get(frame.to);
    if (calls === undefined) return;
    deliver(calls, id, frame);
    if (calls.isDone) this.#sent.delete(frame.to);
  }

  asked(id: string, frame: RequestFrame | Heartbeat, respond: (frame: ReplyFrame) => void): void {
    const { clock, service } = this.#options;
    const epochs = this.#options.epochs();
    if (frame.kind === 'heartbeat') {
      respond({ kind: 'heartbeat', sentMs: frame.sentMs, clock: clock.physicalMicros() });
      return;
    }
    if (frame.kind === 'repair') {
      const inbound = new InboundAnswers<RepairReply>(frame.id, 'repaired', respond, clock);
      frame.messages.forEach((request, index) => {
        service.repair(id, request, inbound.at(index));
      });
      return;
    }
    const current = frame.epochs.policy === epochs.policy && frame.epochs.config === epochs.config;
    if (!current) service.otherEpoch(id);
    if (frame.kind === 'forward') {
      const inbound = new InboundAnswers<Reply>(frame.id, 'forwarded', respond, clock);
      frame.messages.forEach((request, index) => {
        service.executeForwarded(request, inbound.at(index));
      });
      return;
    }
    const inbound = new InboundFrame(frame.id, frame.messages.length, respond, clock);
    frame.messages.forEach((message, index) => {
      if (current) service.handle(message, inbound, index, id);
      else inbound.onReply(index, id, { kind: 'refused', code: 'STALE_EPOCH' });
    });
  }

  #queue(kind: FrameKind, targets: readonly string[], message: LinkMessage, sink: ReplySink, token: number): void {
    if (this.#outbox.add(kind, targets, message, sink, token))
      this.#options.clock.defer(() => {
        this.#flush();
      });
  }

  #flush(): void {
    for (const draft of this.#outbox.take()) this.#send(draft);
  }

  #send(draft: Draft): void {
    const { transport, clock } = this.#options;
    const epochs = this.#options.epochs();
    const id = this.#nextFrame++;
    draft.calls.sent(clock.monotonicMs());
    this.#sent.set(id, draft.calls);
    transport.send(draft.calls.targets, {
      kind: draft.kind,
      id,
      bulk: draft.bulk,
      epochs,
      messages: draft.messages,
    } as RequestFrame);
    for (const target of draft.calls.targets)
      if (this.#peers.get(target)?.linkUp !== true) draft.calls.answerAll(target, UNREACHABLE);
    if (draft.calls.isDone) this.#sent.delete(id);
  }

  #beat(): void {
    const { clock, transport } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#awake.tick(nowMs);
    const up = Array.from(this.#peers.values()).filter((peer) => peer.linkUp);
    if (up.length > 0)
      transport.send(
        up.map((peer) => peer.id),
        { kind: 'heartbeat', sentMs: nowMs },
      );
    for (const peer of up) {
      if (nowMs - Math.max(peer.lastHeardMs, peer.resetAtMs) < RESET_AFTER_MS) continue;
      this.#options.log.warn(
        { peer: peer.id, silentMs: Math.round(nowMs - peer.lastHeardMs) },
        'link is silent, dialling again',
      );
      peer.resetAtMs = nowMs;
      transport.reset(peer.id);
    }
    this.#dropForgotten(nowMs);
    this.#timer = clock.setTimer(HEARTBEAT_MS, () => {
      this.#beat();
    });
  }

  #awakeMs(): number {
    return this.#awake.at(this.#options.clock.monotonicMs());
  }

  /** Whoever asked has long given up (rule 14: no attempt outlives an operation's lifetime). */
  #dropForgotten(nowMs: number): void {
    for (const [frame, calls] of this.#sent) {
      if (nowMs - calls.sentMs < OPERATION_LIFETIME_MS) return;
      this.#sent.delete(frame);
    }
  }

  #onHeartbeat(peer: Peer, sentMs: number, peerClock: number): void {
    const { clock, log } = this.#options;
    const roundTripMs = clock.monotonicMs() - sentMs;
    const offsetMs = (peerClock - clock.physicalMicros()) / 1_000 + roundTripMs / 2;
    peer.roundTripMs = roundTripMs;
    peer.clockOffsetMs = offsetMs;
    // A slow round trip says little: the offset is only known to within half of it.
    const skewed = Math.abs(offsetMs) - roundTripMs / 2 > CLOCK_WARN_MS;
    if (skewed && !peer.clockWarned) {
      log.warn({ peer: peer.id, offsetMs: Math.round(offsetMs) }, 'clocks differ: beyond 500 ms ballots are refused');
    }
    peer.clockWarned = skewed;
  }
}

function deliver(calls: FrameCalls, peer: string, frame: Exclude<ReplyFrame, { kind: 'heartbeat' }>): void {
  switch (frame.kind) {
    case 'uniform':
      if (frame.indexes === null) calls.answerAll(peer, { kind: frame.reply });
      else for (const index of frame.indexes) calls.answer(peer, index, { kind: frame.reply });
      break;
    case 'replies':
      frame.indexes.forEach((index, at) => {
        calls.answer(peer, index, frame.replies[at]!);
      });
      break;
    case 'forwarded':
      frame.indexes.forEach((index, at) => {
        calls.answer(peer, index, { kind: 'forwarded', reply: frame.replies[at]! });
      });
      break;
    case 'repaired':
      frame.indexes.forEach((index, at) => {
        calls.answer(peer, index, { kind: 'repaired', reply: frame.replies[at]! });
      });
  }
}

function newPeer(id: string, nowMs: number): Peer {
  return {
    id,
    liveness: new PeerLiveness(nowMs),
    linkUp: false,
    process: undefined,
    lastHeardMs: 0,
    resetAtMs: 0,
    roundTripMs: undefined,
    clockOffsetMs: undefined,
    clockWarned: false,
  };
}
