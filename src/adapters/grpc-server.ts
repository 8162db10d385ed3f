/** A node's gRPC server: pipes, links, the unary calls, administration, health and reflection. */
import { logVerbosity, Server, setLogVerbosity, type UntypedHandleCall } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Ballot, Micros } from '../core/ballot.js';
import type { AdminService } from '../ports/admin.js';
import type { NodeChaos } from '../ports/chaos.js';
import type { Clock } from '../ports/clock.js';
import type { Kv } from '../ports/kv.js';
import type { LiveSource } from '../ports/live.js';
import type { Log } from '../ports/log.js';
import type { Hello } from '../ports/pipe.js';
import type { Tls } from '../ports/tls.js';
import { adminHandlers } from './admin-server.js';
import { chaosHandlers } from './chaos-server.js';
import { SERVER_OPTIONS } from './grpc-options.js';
import { ADMIN_SERVICE, CHAOS_SERVICE, KV_SERVICE, KV_SERVICE_NAME, PEER_SERVICE } from './grpc-services.js';
import type { FrameCall } from './frame-calls.js';
import { PipeServer } from './pipe-server.js';
import { addReflection } from './reflection.js';
import { serverCredentialsWith } from './tls-credentials.js';
import { watchHandler } from './watch-server.js';
import { UnaryServer, withStrictParsing } from './unary-server.js';

export interface GrpcServerOptions {
  /** host:port to listen on; port 0 takes a free one. */
  readonly address: string;
  /** Only callers with a certificate of its authority are let in; undefined: connections are plain. */
  readonly tls?: Tls | undefined;
  readonly kv: Kv;
  readonly hello: () => Hello;
  /** The node's clock, told to clients with every frame. */
  readonly now: () => Micros;
  readonly admin: AdminService;
  /** What it tells each second. */
  readonly live: LiveSource;
  /** Faults inside this node; undefined where it was not started for them. */
  readonly chaos?: NodeChaos | undefined;
  /** The id of the operation of a unary caller that sent none. */
  readonly mint: (key: string) => Ballot;
  /** Takes over the streams that peers open. */
  readonly link: (call: FrameCall) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface GrpcServer {
  /** host:port with the real port. */
  readonly address: string;
  /** What health checks are answered, for the server as a whole and for the Kv service. */
  setServing(isServing: boolean): void;
  /** Tells connected clients what the node says of itself and its cluster by now. */
  announce(): void;
  stop(): Promise<void>;
}

/** How long calls may take to finish once the server is stopping, in milliseconds. */
const STOP_GRACE_MS = 1_000;

/** Rejects when the address cannot be listened on; the error's message names it. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const server = new RunningServer(options);
  await server.listen();
  return server;
}

class RunningServer implements GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #server = new Server(SERVER_OPTIONS);
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING', [KV_SERVICE_NAME]: 'NOT_SERVING' });
  readonly #pipes: PipeServer;
  #address: string;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#address = options.address;
    this.#pipes = new PipeServer(options);
    const unary = new UnaryServer({ kv: options.kv, policy: () => options.hello().policy, mint: options.mint });
    this.#server.addService(withStrictParsing(KV_SERVICE), { ...unary.handlers, Pipe: this.#pipe() });
    this.#server.addService(PEER_SERVICE, { Link: options.link as UntypedHandleCall });
    this.#server.addService(ADMIN_SERVICE, { ...adminHandlers(options.admin), Watch: watchHandler(options.live) });
    this.#server.addService(CHAOS_SERVICE, chaosHandlers(options.chaos));
    this.#health.addToServer(this.#server);
    addReflection(this.#server);
  }

  get address(): string {
    return this.#address;
  }

  async listen(): Promise<void> {
    const { address, tls } = this.#options;
    // grpc-js prints a taken port to stderr as well as reporting it; what is reported is enough.
    setLogVerbosity(logVerbosity.NONE);
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(address, serverCredentialsWith(tls), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(new Error(`Cannot listen on ${address}: ${error.message}`, { cause: error }));
      });
    });
    this.#address = `${address.slice(0, address.lastIndexOf(':'))}:${port}`;
  }

  setServing(isServing: boolean): void {
    const status = isServing ? 'SERVING' : 'NOT_SERVING';
    this.#health.setStatus('', status);
    this.#health.setStatus(KV_SERVICE_NAME, status);
  }

  announce(): void {
    this.#pipes.announce();
  }

  async stop(): Promise<void> {
    this.setServing(false);
    this.#pipes.shutDown();
    await new Promise<void>((resolve) => {
      const force = this.#options.clock.setTimer(STOP_GRACE_MS, () => {
        this.#server.forceShutdown();
        resolve();
      });
      this.#server.tryShutdown(() => {
        force.cancel();
        resolve();
      });
    });
  }

  #pipe(): UntypedHandleCall {
    const handle = (call: FrameCall): void => {
      this.#pipes.accept(call);
    };
    return handle as UntypedHandleCall;
  }
}
