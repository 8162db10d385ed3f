/** The links that peers opened to this node: their requests come in and the answers go out on them. */
import type { ProcessId } from '../core/ballot.js';
import { diskProblem } from '../core/disk-identity.js';
import type { Epochs, Heartbeat, LinkReceiver, PeerDisks, ReplyFrame, RequestFrame } from '../ports/peers.js';
import type { Log } from '../ports/log.js';
import { CodecError } from './codec-error.js';
import { refusal } from './grpc-errors.js';
import type { FrameCall } from './frame-calls.js';
import { decodeLinkRequest, type LinkHello } from './link-frames.js';
import { encodeLinkHelloReply, encodeReplyFrame, replyParts } from './link-replies.js';
import { ServedCall } from './served-call.js';

export interface InboundLinksOptions {
  readonly cluster: string;
  readonly process: ProcessId;
  readonly epochs: () => Epochs;
  readonly disks: PeerDisks;
  readonly isPeer: (node: string) => boolean;
  readonly log: Log;
}

export class InboundLinks {
  readonly #options: InboundLinksOptions;
  readonly #links = new Map<string, InboundLink>();
  readonly #calls = new Set<ServedCall>();
  #receiver: LinkReceiver | undefined;

  constructor(options: InboundLinksOptions) {
    this.#options = options;
  }

  start(receiver: LinkReceiver): void {
    this.#receiver = receiver;
  }

  /** A stream that a peer opened. Refused with a reason until this node has started. */
  accept(call: FrameCall): void {
    let link: InboundLink | undefined;
    const served = new ServedCall(call, this.#options.log, {
      received: (bytes) => {
        const frame = decodeLinkRequest(bytes);
        if ((frame.kind === 'hello') !== (link === undefined))
          throw new CodecError('a hello must come first, and once');
        if (frame.kind === 'hello') link = this.#greet(frame.hello, served);
        else link?.asked(frame);
      },
      hasRoom: () => link?.goOn(),
      closed: (reason) => {
        this.#calls.delete(served);
        link?.close(reason);
      },
    });
    this.#calls.add(served);
  }

  stop(): void {
    this.#receiver = undefined;
    for (const call of [...this.#calls]) call.shutDown();
  }

  #greet(hello: LinkHello, call: ServedCall): InboundLink | undefined {
    const problem = this.#problemWith(hello);
    if (problem !== undefined || this.#receiver === undefined) {
      const reason = problem ?? 'this node is not serving links now';
      this.#options.log.warn({ from: hello.process.node, remote: call.remote, reason }, 'Refused a link');
      call.refuse(refusal(problem === undefined ? 'UNAVAILABLE' : 'INVALID_ARGUMENT', `Link refused: ${reason}.`));
      return undefined;
    }
    const link = this.#join(hello, this.#receiver);
    link.attach(call, hello.bulk);
    const { cluster, process, epochs, disks } = this.#options;
    const to = hello.process.node;
    const remembers = disks.known(to) ?? null;
    const { link: number, bulk } = hello;
    const answer = { cluster, process, epochs: epochs(), to, link: number, bulk, disk: disks.own, remembers };
    call.send(encodeLinkHelloReply(answer));
    return link;
  }

  #problemWith(hello: LinkHello): string | undefined {
    const { cluster, process, isPeer } = this.#options;
    const from = hello.process.node;
    if (hello.cluster !== cluster)
      return `node ${process.node} is of cluster ${cluster}, the caller of ${hello.cluster}`;
    if (hello.to !== process.node) return `this is node ${process.node}, the caller wants ${hello.to}`;
    if (!isPeer(from)) return `node ${from} is not one of the other nodes of cluster ${cluster}`;
    return this.#diskProblem(hello);
  }

  /** Rule 2, both ways: the caller may have lost its disk, or this node may have. */
  #diskProblem({ process: { node: from }, disk, remembers }: LinkHello): string | undefined {
    const { process, disks } = this.#options;
    const own = diskProblem(process.node, remembers ?? undefined, disks.own);
    if (own !== undefined) disks.disowned(`Node ${from} says: ${own}.`);
    return own ?? diskProblem(from, disks.known(from), disk);
  }

  #join(hello: LinkHello, receiver: LinkReceiver): InboundLink {
    const name = `${hello.process.node}/${hello.process.incarnation}/${hello.link}`;
    let link = this.#links.get(name);
    if (link === undefined) {
      link = new InboundLink(hello.process.node, receiver, () => this.#links.delete(name));
      this.#links.set(name, link);
    }
    return link;
  }
}

/** One link: a stream for small values and one for large ones. */
class InboundLink {
  readonly #peer: string;
  readonly #receiver: LinkReceiver;
  readonly #forget: () => void;
  #small: ServedCall | undefined;
  #bulk: ServedCall | undefined;
  #isClosed = false;

  constructor(peer: string, receiver: LinkReceiver, forget: () => void) {
    this.#peer = peer;
    this.#receiver = receiver;
    this.#forget = forget;
  }

  attach(call: ServedCall, bulk: boolean): void {
    if ((bulk ? this.#bulk : this.#small) !== undefined)
      throw new CodecError('this stream of this link is open already');
    if (bulk) this.#bulk = call;
    else this.#small = call;
  }

  /** A peer that does not read its answers is not read from either. */
  asked(frame: RequestFrame | Heartbeat): void {
    this.#receiver.asked(this.#peer, frame, this.#respond);
    if (!this.#isBackedUp) return;
    this.#small?.pauseReading();
    this.#bulk?.pauseReading();
  }

  /** The peer has read some of its answers. */
  goOn(): void {
    if (this.#isBackedUp) return;
    this.#small?.resumeReading();
    this.#bulk?.resumeReading();
  }

  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forget();
    this.#small?.end(reason);
    this.#bulk?.end(reason);
  }

  get #isBackedUp(): boolean {
    return this.#small?.isBackedUp === true || this.#bulk?.isBackedUp === true;
  }

  readonly #respond = (frame: ReplyFrame): void => {
    if (this.#isClosed) return;
    const isBulk = frame.kind !== 'heartbeat' && frame.bulk;
    const call = isBulk ? (this.#bulk ?? this.#small) : (this.#small ?? this.#bulk);
    for (const part of replyParts(frame)) call?.send(encodeReplyFrame(part));
  };
}
