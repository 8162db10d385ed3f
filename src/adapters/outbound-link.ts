/** The link that this node opened to one peer: dialled for as long as the node runs. */
import { CONNECT_TIMEOUT_MS, RECONNECT_BACKOFF_MAX_MS, RECONNECT_BACKOFF_MIN_MS } from '../core/defaults.js';
import { diskProblem } from '../core/disk-identity.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { LinkReceiver, PeerDisks } from '../ports/peers.js';
import type { Random } from '../ports/random.js';
import { CodecError } from './codec-error.js';
import { DialledStreams } from './dialled-streams.js';
import { LINK_PATH } from './frame-calls.js';
import { encodeLinkHello, type LinkHello } from './link-frames.js';
import { decodeLinkReply } from './link-replies.js';
import { PLAIN, type Dialling } from './tls-credentials.js';
import { tlsProblem } from './tls-problems.js';

/** What this node says of itself on every link. */
export type LinkIdentity = Pick<LinkHello, 'cluster' | 'process' | 'epochs' | 'disk' | 'remembers'>;

export interface OutboundLinkOptions {
  readonly peer: string;
  readonly address: string;
  readonly dialling: Dialling;
  readonly identity: () => LinkIdentity;
  readonly disks: PeerDisks;
  readonly receiver: LinkReceiver;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

type Phase =
  | { readonly name: 'waiting'; readonly timer: Timer }
  | { readonly name: 'dialling'; readonly streams: DialledStreams; readonly timer: Timer }
  | { readonly name: 'up'; readonly streams: DialledStreams }
  | { readonly name: 'stopped' };

const STOPPED: Phase = { name: 'stopped' };

export class OutboundLink {
  readonly #options: OutboundLinkOptions;
  #address: string;
  #phase: Phase = STOPPED;
  #links = 0;
  #failures = 0;
  /** Of certificates, what was last logged. */
  #toldProblem: string | undefined;

  constructor(options: OutboundLinkOptions) {
    this.#options = options;
    this.#address = options.address;
  }

  get isUp(): boolean {
    return this.#phase.name === 'up';
  }

  get queuedBytes(): number {
    return this.#phase.name === 'up' ? this.#phase.streams.queuedBytes : 0;
  }

  /** Dropped while the link is not up. */
  send(frame: Buffer, bulk: boolean): void {
    if (this.#phase.name === 'up') this.#phase.streams.send(frame, bulk);
  }

  start(): void {
    this.#dial();
  }

  setAddress(address: string): void {
    if (address === this.#address) return;
    this.#address = address;
    this.reset();
  }

  /** Drops what there is and dials again at once. */
  reset(): void {
    if (this.#phase.name === 'stopped') return;
    this.#drop('it was reset');
    this.#failures = 0;
    this.#dial();
  }

  stop(): void {
    this.#drop('this node is stopping');
  }

  #dial(): void {
    const { clock, identity, peer, dialling } = this.#options;
    this.#links += 1;
    const link = this.#links;
    const streams: DialledStreams = new DialledStreams({
      address: this.#address,
      dialling,
      path: LINK_PATH,
      hello: (bulk) => encodeLinkHello({ ...identity(), to: peer, link, bulk }),
      received: (frame) => {
        this.#received(frame, streams);
      },
      closed: (reason) => {
        this.#failed(reason.message);
      },
    });
    const timer = clock.setTimer(CONNECT_TIMEOUT_MS, () => {
      this.#failed(`it did not answer within ${CONNECT_TIMEOUT_MS} ms`);
    });
    this.#phase = { name: 'dialling', streams, timer };
  }

  #received(bytes: Buffer, streams: DialledStreams): void {
    const frame = decodeLinkReply(bytes);
    if (frame.kind !== 'hello') {
      if (this.#phase.name !== 'up') throw new CodecError('the peer answered before its hello');
      return this.#options.receiver.answered(this.#options.peer, frame);
    }
    this.#check(frame.hello);
    if (this.#phase.name !== 'dialling') return;
    this.#phase.timer.cancel();
    this.#phase = { name: 'up', streams };
    this.#failures = 0;
    this.#toldProblem = undefined;
    this.#options.disks.learn(this.#options.peer, frame.hello.disk);
    this.#options.receiver.up(this.#options.peer, frame.hello.process);
  }

  #check(hello: LinkHello): void {
    const { cluster } = this.#options.identity();
    if (hello.cluster !== cluster) throw new CodecError(`it is of cluster ${hello.cluster}, this node of ${cluster}`);
    const { peer, disks } = this.#options;
    const problem = diskProblem(peer, disks.known(peer), hello.disk);
    if (problem !== undefined) throw new CodecError(problem);
    if (hello.process.node !== this.#options.peer) {
      throw new CodecError(`node ${hello.process.node} answers at the address of ${this.#options.peer}`);
    }
  }

  #failed(reason: string): void {
    this.#drop(reason);
    const backoffMs = this.#nextBackoffMs();
    const { peer, log, clock } = this.#options;
    log.debug({ peer, address: this.#address, reason, backoffMs }, 'The link is down and will be dialled again');
    this.#tellProblem(reason);
    this.#phase = { name: 'waiting', timer: clock.setTimer(backoffMs, () => this.#dial()) };
  }

  /** Time does not mend certificates, so this is not for those alone who look closely; but once is enough. */
  #tellProblem(reason: string): void {
    const { peer, dialling, log } = this.#options;
    const problem = dialling === PLAIN ? undefined : tlsProblem(reason);
    if (problem === undefined || problem === this.#toldProblem) return;
    this.#toldProblem = problem;
    log.warn({ peer, address: this.#address, reason }, `No link to ${peer}: ${problem}`);
  }

  /** Ends the present phase, whichever it is; `down` is told to those who were told `up`. */
  #drop(reason: string): void {
    const phase = this.#phase;
    this.#phase = STOPPED;
    if (phase.name === 'waiting' || phase.name === 'dialling') phase.timer.cancel();
    if (phase.name === 'dialling' || phase.name === 'up') phase.streams.close();
    if (phase.name === 'up') this.#options.receiver.down(this.#options.peer, reason);
  }

  /** Doubling from the smallest to the largest, half of it by chance so that peers do not dial in step. */
  #nextBackoffMs(): number {
    const limitMs = Math.min(RECONNECT_BACKOFF_MIN_MS * 2 ** this.#failures, RECONNECT_BACKOFF_MAX_MS);
    this.#failures = Math.min(this.#failures + 1, 16);
    return Math.max(RECONNECT_BACKOFF_MIN_MS, limitMs * (0.5 + this.#options.random.unit() / 2));
  }
}
