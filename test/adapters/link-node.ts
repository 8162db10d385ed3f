import type { ProcessId } from '../../src/core/ballot.js';
import type { DiskIdentity } from '../../src/core/disk-identity.js';
import { GrpcLinks } from '../../src/adapters/grpc-links.js';
import type { GrpcServer } from '../../src/adapters/grpc-server.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import { systemRandom } from '../../src/adapters/system-random.js';
import type { Tls } from '../../src/ports/tls.js';
import type { Heartbeat, LinkReceiver, PeerDisks, ReplyFrame, RequestFrame } from '../../src/ports/peers.js';
import { FakeLog, startWire } from './wire.js';

export const EPOCHS = { policy: 1, config: 1 };

/** The disk of a node that was started for the first time. */
export function diskOf(name: string, starts = 1, folder = `folder of ${name}`): DiskIdentity {
  return { folder, starts, incarnation: node(name).process.incarnation };
}

/** One node's end of the links, and what happened on them. */
export class LinkNode implements LinkReceiver, PeerDisks {
  readonly log = new FakeLog();
  readonly ups: ProcessId[] = [];
  readonly downs: string[] = [];
  readonly answers: ReplyFrame[] = [];
  readonly requests: (RequestFrame | Heartbeat)[] = [];
  /** What each request is answered. */
  answer: ((frame: RequestFrame | Heartbeat) => ReplyFrame) | undefined;
  /** What it remembers of the disks of others. */
  readonly disks = new Map<string, DiskIdentity>();
  readonly disownedBy: string[] = [];
  /** What it shows; undefined: its connections are plain. */
  tls: Tls | undefined;
  links!: GrpcLinks;
  server!: GrpcServer;

  constructor(
    readonly process: ProcessId,
    readonly own = { folder: `folder of ${process.node}`, starts: 1, incarnation: process.incarnation },
  ) {}

  known(peer: string): DiskIdentity | undefined {
    return this.disks.get(peer);
  }

  learn(peer: string, disk: DiskIdentity): void {
    this.disks.set(peer, disk);
  }

  disowned(reason: string): void {
    this.disownedBy.push(reason);
  }

  /** @param peers - the other nodes with their addresses */
  async start(peers: Record<string, string>, cluster = 'linked', address = '127.0.0.1:0'): Promise<void> {
    this.links = new GrpcLinks({
      cluster,
      process: this.process,
      epochs: () => EPOCHS,
      disks: this,
      nodes: Object.entries(peers).map(([id, at]) => ({ id, address: at })),
      tls: this.tls,
      clock: systemClock,
      random: systemRandom,
      log: this.log,
    });
    const { server } = await startWire({
      address,
      tls: this.tls,
      link: (call) => this.links.accept(call),
      log: this.log,
    });
    this.server = server;
    this.links.start(this);
  }

  async stop(): Promise<void> {
    await this.links.stop();
    await this.server.stop();
  }

  up(_peer: string, process: ProcessId): void {
    this.ups.push(process);
  }

  down(_peer: string, reason: string): void {
    this.downs.push(reason);
  }

  answered(_peer: string, frame: ReplyFrame): void {
    this.answers.push(frame);
  }

  asked(_peer: string, frame: RequestFrame | Heartbeat, respond: (frame: ReplyFrame) => void): void {
    this.requests.push(frame);
    if (this.answer !== undefined) respond(this.answer(frame));
  }
}

export const NOWHERE = '127.0.0.1:1';

export function node(
  name: string,
  incarnation = `${name.charCodeAt(0).toString(16)}aaaaaaaaaaaaaa`,
  starts = 1,
): LinkNode {
  return new LinkNode({ node: name, incarnation }, { folder: `folder of ${name}`, starts, incarnation });
}

/** `a` dials `b`; `b` knows `a` but cannot dial it. */
export async function withPair(use: (a: LinkNode, b: LinkNode) => Promise<void>): Promise<void> {
  const a = node('a');
  const b = node('b');
  await b.start({ a: NOWHERE });
  await a.start({ b: b.server.address });
  try {
    await use(a, b);
  } finally {
    await a.stop();
    await b.stop();
  }
}
