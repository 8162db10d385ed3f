/** The links between simulated nodes: delays, losses, duplicates and partitions, each drawn from the seed. */
import type { ProcessId } from '../../src/core/ballot.js';
import type { Heartbeat, LinkReceiver, PeerTransport, ReplyFrame, RequestFrame } from '../../src/ports/peers.js';
import type { Observer } from './observer.js';
import type { Prng } from './prng.js';
import type { Host, Scheduler } from './scheduler.js';

export interface NetworkOptions {
  /** Mean milliseconds of a frame under way. */
  delayMs: number;
  drop: number;
  duplicate: number;
  /** How often a request that is under way is lost when its link is; otherwise it arrives late. */
  lostWithLink: number;
  /** Frames of one direction of a link arrive in the order in which they were sent. */
  ordered: boolean;
}

/** How frames look on the wire: passed as they are, or encoded and decoded. */
export interface Wire {
  request(frame: RequestFrame | Heartbeat): RequestFrame | Heartbeat;
  reply(frame: ReplyFrame): ReplyFrame;
}

/** A process that is on the network. */
export interface Station {
  readonly host: Host;
  readonly process: ProcessId;
  /** Of the policy it works under. */
  readonly epoch: () => number;
  receiver: LinkReceiver | undefined;
}

type FrameName = RequestFrame['kind'] | 'heartbeat' | 'reply';

interface Link {
  readonly from: Station;
  readonly to: Station;
  up: boolean;
  lastArrivalMs: { out: number; back: number };
}

const REDIAL_MS = 80;

export class SimNetwork {
  readonly #stations = new Map<string, Station>();
  readonly #links = new Map<string, Link>();
  /** Directions that are cut; true: what is sent meanwhile arrives after the cut, as over TCP. */
  readonly #cut = new Map<string, boolean>();
  #stalled: { readonly path: string; readonly send: () => void }[] = [];

  constructor(
    private readonly scheduler: Scheduler,
    private readonly random: Prng,
    readonly options: NetworkOptions,
    private readonly wire: Wire,
    private readonly observer: Observer,
  ) {}

  /** Puts a process on the network; its peers find it when they dial next. */
  attach(station: Station, peers: readonly string[]): PeerTransport {
    const { node } = station.process;
    this.#stations.set(node, station);
    this.#hangUp();
    return {
      start: (receiver) => {
        const joined = station;
        joined.receiver = receiver;
        for (const peer of peers) this.#dialLater(station, peer);
      },
      send: (to, frame) => {
        for (const peer of to) this.#send(node, peer, frame);
      },
      queuedBytes: () => 0,
      reset: (peer) => {
        this.#drop(node, peer, 'reset', true);
      },
      stop: () => Promise.resolve(),
    };
  }

  /** The process is gone. Whoever has a link to it hears so, unless that way is cut. */
  detach(node: string): void {
    this.#stations.delete(node);
    for (const [name, link] of this.#links) {
      if (link.from.process.node === node) {
        link.up = false;
        this.#links.delete(name);
      } else if (link.to.process.node === node && !this.#cut.has(path(node, link.from.process.node))) {
        this.#drop(link.from.process.node, node, 'closed by the peer', false);
      }
    }
  }

  loseLink(from: string, to: string): void {
    this.#drop(from, to, 'lost', true);
  }

  isUp(from: string, to: string): boolean {
    const link = this.#links.get(path(from, to));
    return link?.up === true && link.to === this.#stations.get(to);
  }

  /** `way`: `n1>n2`, or `accept n1>n2` for frames of one kind (`reply` for all answers). */
  cut(way: string, stall: boolean): void {
    this.#cut.set(way, stall);
  }

  mend(way: string): void {
    this.#cut.delete(way);
    const arriving = this.#stalled.filter((frame) => way.endsWith(frame.path));
    this.#stalled = this.#stalled.filter((frame) => !way.endsWith(frame.path));
    for (const { send } of arriving) send();
    this.#hangUp();
  }

  /** Links to processes that died unnoticed are refused by their successors, once they can be reached. */
  #hangUp(): void {
    for (const { from, to } of [...this.#links.values()]) {
      const [asker, peer] = [from.process.node, to.process.node];
      const successor = this.#stations.get(peer);
      if (successor === to || this.#cut.has(path(asker, peer)) || this.#cut.has(path(peer, asker))) continue;
      if (successor !== undefined) this.#drop(asker, peer, 'refused', false);
    }
  }

  mendAll(): void {
    for (const way of [...this.#cut.keys()]) this.mend(way);
  }

  #send(node: string, peer: string, frame: RequestFrame | Heartbeat): void {
    const link = this.#links.get(path(node, peer));
    if (link?.up !== true) return;
    this.observer.requested(node, peer, frame);
    const lostWithLink = this.random.chance(this.options.lostWithLink);
    this.#travel(link, 'out', frame.kind, () => {
      if (!link.up && lostWithLink) return;
      const epoch = link.to.epoch();
      link.to.receiver?.asked(node, this.wire.request(frame), (reply) => {
        this.observer.replied(peer, node, frame, reply, epoch);
        if (link.up) this.#answer(link, reply);
      });
    });
  }

  #answer(link: Link, frame: ReplyFrame): void {
    this.#travel(link, 'back', frame.kind === 'heartbeat' ? 'heartbeat' : 'reply', () => {
      if (link.up) link.from.receiver?.answered(link.to.process.node, this.wire.reply(frame));
    });
  }

  #travel(link: Link, direction: 'out' | 'back', kind: FrameName, arrive: () => void): void {
    const [from, to] = direction === 'out' ? [link.from, link.to] : [link.to, link.from];
    const name = path(from.process.node, to.process.node);
    const stall = this.#cut.get(name) ?? this.#cut.get(`${kind} ${name}`);
    if (stall === false || this.random.chance(this.options.drop)) return;
    if (stall === true) {
      this.#stalled.push({ path: name, send: () => this.scheduler.after(0, to.host, arrive) });
      return;
    }
    // The transport delivers at most once; what is duplicated here are the messages that rules 4, 5 and 9 name.
    const copies = kind !== 'forward' && this.random.chance(this.options.duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const { nowMs } = this.scheduler;
      let delay = this.random.around(this.options.delayMs);
      if (this.options.ordered) {
        delay = Math.max(delay, link.lastArrivalMs[direction] - nowMs);
        link.lastArrivalMs[direction] = nowMs + delay;
      }
      this.scheduler.after(delay, to.host, arrive);
    }
  }

  #drop(from: string, to: string, reason: string, atOnce: boolean): void {
    const link = this.#links.get(path(from, to));
    if (link === undefined) return;
    this.#links.delete(path(from, to));
    const down = (): void => {
      link.up = false;
      this.#dialLater(link.from, to);
      link.from.receiver?.down(to, reason);
    };
    if (atOnce) down();
    else this.scheduler.after(this.random.around(this.options.delayMs), link.from.host, down);
  }

  #dialLater(from: Station, to: string): void {
    this.scheduler.atTime(this.random.around(REDIAL_MS), from.host, () => {
      this.#dial(from, to);
    });
  }

  #dial(from: Station, to: string): void {
    const { node } = from.process;
    const peer = this.#stations.get(to);
    if (peer?.receiver === undefined || this.#cut.has(path(node, to)) || this.#cut.has(path(to, node))) {
      this.#dialLater(from, to);
      return;
    }
    this.#links.set(path(node, to), { from, to: peer, up: true, lastArrivalMs: { out: 0, back: 0 } });
    from.receiver?.up(to, peer.process);
  }
}

function path(from: string, to: string): string {
  return `${from}>${to}`;
}
