/** Links between the nodes of a cluster over gRPC. */
import type { ProcessId } from '../core/ballot.js';
import { FRAME_BYTES_LIMIT } from '../core/defaults.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Epochs, Heartbeat, LinkReceiver, PeerDisks, PeerTransport, RequestFrame } from '../ports/peers.js';
import type { NodeAddress } from '../ports/pipe.js';
import type { Random } from '../ports/random.js';
import type { Tls } from '../ports/tls.js';
import type { FrameCall } from './frame-calls.js';
import { InboundLinks } from './inbound-links.js';
import { encodeRequestFrame } from './link-frames.js';
import { OutboundLink, type LinkIdentity } from './outbound-link.js';
import { diallingWith, type Dialling } from './tls-credentials.js';

export interface GrpcLinksOptions {
  readonly cluster: string;
  readonly process: ProcessId;
  readonly epochs: () => Epochs;
  readonly disks: PeerDisks;
  /** The nodes of the cluster; this one may be among them. */
  readonly nodes: readonly NodeAddress[];
  /** What this node shows to those it dials; undefined: connections are plain. */
  readonly tls?: Tls | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export class GrpcLinks implements PeerTransport {
  readonly #options: GrpcLinksOptions;
  readonly #addresses: Map<string, string>;
  readonly #dialling: Dialling;
  readonly #inbound: InboundLinks;
  #outbound = new Map<string, OutboundLink>();

  constructor(options: GrpcLinksOptions) {
    this.#options = options;
    const peers = options.nodes.filter((node) => node.id !== options.process.node);
    this.#addresses = new Map(peers.map(({ id, address }) => [id, address]));
    this.#dialling = diallingWith(options.tls);
    this.#inbound = new InboundLinks({ ...options, isPeer: (node) => this.#addresses.has(node) });
  }

  /** Called by the gRPC server with each stream that a peer opens. */
  accept(call: FrameCall): void {
    this.#inbound.accept(call);
  }

  start(receiver: LinkReceiver): void {
    this.#inbound.start(receiver);
    for (const [peer, address] of this.#addresses) this.#outbound.set(peer, this.#link(peer, address, receiver));
    for (const link of this.#outbound.values()) link.start();
  }

  send(to: readonly string[], frame: RequestFrame | Heartbeat): void {
    const links = to.map((peer) => this.#outbound.get(peer)).filter((link) => link?.isUp === true);
    if (links.length === 0) return;
    const bytes = encodeRequestFrame(frame);
    if (bytes.length > FRAME_BYTES_LIMIT) {
      // The peer would close the link over it, and everything else on it would be lost as well.
      this.#options.log.error({ kind: frame.kind, bytes: bytes.length }, 'Dropped a frame that no peer would take');
      return;
    }
    const isBulk = frame.kind !== 'heartbeat' && frame.bulk;
    for (const link of links) link?.send(bytes, isBulk);
  }

  queuedBytes(peer: string): number {
    return this.#outbound.get(peer)?.queuedBytes ?? 0;
  }

  reset(peer: string): void {
    this.#outbound.get(peer)?.reset();
  }

  /** Where a peer is dialled from now on; a link to another address is dropped. */
  setAddress(peer: string, address: string): void {
    if (!this.#addresses.has(peer)) return;
    this.#addresses.set(peer, address);
    this.#outbound.get(peer)?.setAddress(address);
  }

  stop(): Promise<void> {
    for (const link of this.#outbound.values()) link.stop();
    this.#outbound = new Map();
    this.#inbound.stop();
    return Promise.resolve();
  }

  #link(peer: string, address: string, receiver: LinkReceiver): OutboundLink {
    const { cluster, process, epochs, disks, clock, random, log } = this.#options;
    const identity = (): LinkIdentity => ({
      cluster,
      process,
      epochs: epochs(),
      disk: disks.own,
      remembers: disks.known(peer) ?? null,
    });
    return new OutboundLink({ peer, address, dialling: this.#dialling, identity, disks, receiver, clock, random, log });
  }
}
