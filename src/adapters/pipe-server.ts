/** The node's side of pipes: frames of requests in, one frame of replies for each turn of the event loop out. */
import type { Micros } from '../core/ballot.js';
import { LARGE_VALUE_BYTES } from '../core/defaults.js';
import { invalidArgument, type ErrorDetails } from '../core/errors.js';
import type { Reply, Request } from '../core/request.js';
import type { Clock } from '../ports/clock.js';
import type { Kv } from '../ports/kv.js';
import type { Log } from '../ports/log.js';
import type { Hello, PipeRequest } from '../ports/pipe.js';
import { clientIdentity } from './client-identity.js';
import { CodecError } from './codec-error.js';
import type { FrameCall } from './frame-calls.js';
import { requestProblem } from './link-frames.js';
import { decodeClientFrame, encodeEcho, encodeNodeHello, type ClientHello, type Echo } from './pipe-frames.js';
import { ReplyLane } from './reply-lane.js';
import { ServedCall } from './served-call.js';

export interface PipeServerOptions {
  readonly kv: Kv;
  readonly hello: () => Hello;
  /** The node's clock, told to clients with every frame. */
  readonly now: () => Micros;
  readonly clock: Clock;
  readonly log: Log;
}

export class PipeServer {
  readonly #options: PipeServerOptions;
  readonly #sessions = new Map<string, PipeSession>();
  /** Streams, also those that have not said hello yet. */
  readonly #calls = new Set<ServedCall>();

  constructor(options: PipeServerOptions) {
    this.#options = options;
  }

  accept(call: FrameCall): void {
    let session: PipeSession | undefined;
    const served = new ServedCall(call, this.#options.log, {
      received: (bytes) => {
        const frame = decodeClientFrame(bytes);
        if ((frame.kind === 'hello') !== (session === undefined))
          throw new CodecError('a hello must come first, and once');
        if (frame.kind === 'hello') session = this.#join(frame.hello, served);
        else if (frame.kind === 'echo') session?.echo(frame.echoes, served);
        else session?.ask(frame.requests);
      },
      hasRoom: () => session?.goOn(),
      closed: (reason) => {
        this.#calls.delete(served);
        session?.close(reason);
      },
    });
    this.#calls.add(served);
  }

  /** What the node says of itself has changed. */
  announce(): void {
    for (const session of this.#sessions.values()) session.announce();
  }

  shutDown(): void {
    for (const call of [...this.#calls]) call.shutDown();
  }

  #join(hello: ClientHello, call: ServedCall): PipeSession {
    const name = `${hello.client.node}/${hello.client.incarnation}/${hello.pipe}`;
    let session = this.#sessions.get(name);
    if (session === undefined) {
      const identity = clientIdentity(hello.client.node, call.remote);
      session = new PipeSession(this.#options, identity, () => this.#sessions.delete(name));
      this.#sessions.set(name, session);
    }
    session.attach(call, hello.bulk);
    call.send(encodeNodeHello(this.#options.hello()));
    return session;
  }
}

/** Requests of one frame that wait until the client has read replies. */
interface Held {
  readonly requests: readonly PipeRequest[];
  readonly arrivedMs: number;
  next: number;
}

/** One pipe: a stream for small values and one for large ones. */
class PipeSession {
  readonly #options: PipeServerOptions;
  /** Who asks. */
  readonly #identity: string;
  readonly #forget: () => void;
  #small: ReplyLane | undefined;
  #bulk: ReplyLane | undefined;
  #held: Held[] = [];
  #isPaused = false;
  #isClosed = false;

  constructor(options: PipeServerOptions, identity: string, forget: () => void) {
    this.#options = options;
    this.#identity = identity;
    this.#forget = forget;
  }

  attach(call: ServedCall, bulk: boolean): void {
    if ((bulk ? this.#bulk : this.#small) !== undefined)
      throw new CodecError('this stream of this pipe is open already');
    const lane = new ReplyLane(call, this.#options.clock, this.#options.now, () => {
      if (this.#held.length > 0 || this.#isPaused) this.#work();
    });
    if (bulk) this.#bulk = lane;
    else this.#small = lane;
  }

  ask(requests: readonly PipeRequest[]): void {
    this.#held.push({ requests, arrivedMs: this.#options.clock.monotonicMs(), next: 0 });
    this.#work();
  }

  echo(echoes: readonly Echo[], call: ServedCall): void {
    call.send(encodeEcho(echoes));
    if (call.isBackedUp) this.#pauseReading();
  }

  /** Said again, on the stream that is there. */
  announce(): void {
    (this.#small ?? this.#bulk)?.call.send(encodeNodeHello(this.#options.hello()));
  }

  /** The client has read some of what waited for it. */
  goOn(): void {
    this.#small?.flush();
    this.#bulk?.flush();
    this.#work();
  }

  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#held = [];
    this.#forget();
    this.#small?.call.end(reason);
    this.#bulk?.call.end(reason);
  }

  /** Carries out what is held for as long as the client reads the replies; then reads on. */
  #work(): void {
    while (this.#held.length > 0) {
      if (!this.#workOn(this.#held[0]!)) return this.#pauseReading();
      this.#held.shift();
    }
    if (this.#isBackedUp) return this.#pauseReading();
    this.#isPaused = false;
    this.#small?.call.resumeReading();
    this.#bulk?.call.resumeReading();
  }

  /** Whether all of it was handed over. */
  #workOn(held: Held): boolean {
    const waitedMs = held.next === 0 ? 0 : this.#options.clock.monotonicMs() - held.arrivedMs;
    for (; held.next < held.requests.length; held.next += 1) {
      if (this.#isBackedUp) return false;
      const { id, request } = held.requests[held.next]!;
      this.#execute(id, waitedMs === 0 ? request : { ...request, timeoutMs: request.timeoutMs - waitedMs });
    }
    return true;
  }

  #execute(id: number, request: Request): void {
    const problem = requestProblem(request);
    if (problem !== undefined) return this.#reply(id, { kind: 'error', error: invalidArgument(problem) });
    if (request.timeoutMs <= 0) return this.#reply(id, { kind: 'error', error: TOO_LATE });
    const done = (reply: Reply): void => this.#reply(id, reply);
    this.#options.kv.execute(request, done, this.#identity);
  }

  #reply(id: number, reply: Reply): void {
    if (this.#isClosed) return;
    const isLarge = reply.kind === 'value' && reply.value !== null && reply.value.length > LARGE_VALUE_BYTES;
    const lane = isLarge ? (this.#bulk ?? this.#small) : (this.#small ?? this.#bulk);
    lane?.add(id, reply);
  }

  get #isBackedUp(): boolean {
    return this.#small?.isBackedUp === true || this.#bulk?.isBackedUp === true;
  }

  #pauseReading(): void {
    this.#isPaused = true;
    this.#small?.call.pauseReading();
    this.#bulk?.call.pauseReading();
  }
}

const TOO_LATE: ErrorDetails = {
  code: 'TIMEOUT',
  message:
    'The time for this request ran out before the node began it, so nothing was done. Read replies faster or send again.',
  definite: true,
  retryable: true,
};
