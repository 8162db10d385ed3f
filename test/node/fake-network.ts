import type { ProcessId } from '../../src/core/ballot.js';
import type { Heartbeat, LinkReceiver, PeerTransport, ReplyFrame, RequestFrame } from '../../src/ports/peers.js';
import type { Timeline } from './timeline.js';

export type AnyFrame = RequestFrame | ReplyFrame | Heartbeat;

export interface Sent {
  readonly from: string;
  readonly to: string;
  readonly frame: AnyFrame;
}

/** Frames between nodes arrive a turn later. Tests cut links, lose frames in silence, and read what was sent. */
export class FakeNetwork {
  readonly log: Sent[] = [];
  /** False: the frame is lost in silence. */
  passes: (sent: Sent) => boolean = () => true;
  readonly #members = new Map<string, { readonly process: ProcessId; receiver: LinkReceiver | undefined }>();
  /** Links that are up, as `from to`, with the number of their opening. */
  readonly #links = new Map<string, number>();
  #openings = 0;

  constructor(private readonly timeline: Timeline) {}

  transport(process: ProcessId): FakeTransport {
    this.#members.set(process.node, { process, receiver: undefined });
    return new FakeTransport(this, process.node);
  }

  start(node: string, receiver: LinkReceiver): void {
    this.#members.get(node)!.receiver = receiver;
    for (const [other, { receiver: started }] of this.#members)
      if (other !== node && started !== undefined) this.connect(node, other);
  }

  /** Both links between two nodes come up. */
  connect(a: string, b: string): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      this.#openings += 1;
      this.#links.set(`${from} ${to}`, this.#openings);
      this.#members.get(from)!.receiver!.up(to, this.#members.get(to)!.process);
    }
  }

  /** Both links between two nodes break, and both notice. */
  disconnect(a: string, b: string): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      if (!this.#links.delete(`${from} ${to}`)) continue;
      this.#members.get(from)!.receiver!.down(to, 'cut by the test');
    }
  }

  /** A node is gone for all others. */
  isolate(node: string): void {
    for (const other of this.#members.keys()) if (other !== node) this.disconnect(node, other);
  }

  reconnect(node: string): void {
    for (const other of this.#members.keys()) if (other !== node) this.connect(node, other);
  }

  /** Frames that carry requests or answers; heartbeats left out. */
  get traffic(): Sent[] {
    return this.log.filter(({ frame }) => frame.kind !== 'heartbeat');
  }

  send(from: string, to: string, frame: RequestFrame | Heartbeat): void {
    const opening = this.#links.get(`${from} ${to}`);
    if (opening === undefined) return;
    this.#deliver({ from, to, frame }, opening, `${from} ${to}`, () => {
      this.#members.get(to)!.receiver!.asked(from, frame, (reply) => {
        this.#deliver({ from: to, to: from, frame: reply }, opening, `${from} ${to}`, () => {
          this.#members.get(from)!.receiver!.answered(to, reply);
        });
      });
    });
  }

  #deliver(sent: Sent, opening: number, link: string, arrive: () => void): void {
    if (this.#links.get(link) !== opening) return;
    this.log.push(sent);
    if (!this.passes(sent)) return;
    this.timeline.defer(() => {
      if (this.#links.get(link) === opening) arrive();
    });
  }
}

export class FakeTransport implements PeerTransport {
  readonly resets: string[] = [];
  queued = 0;
  stopped = false;

  constructor(
    private readonly network: FakeNetwork,
    private readonly node: string,
  ) {}

  start(receiver: LinkReceiver): void {
    this.network.start(this.node, receiver);
  }

  send(to: readonly string[], frame: RequestFrame | Heartbeat): void {
    for (const peer of to) this.network.send(this.node, peer, frame);
  }

  queuedBytes(): number {
    return this.queued;
  }

  reset(peer: string): void {
    this.resets.push(peer);
  }

  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }
}
