/** Hands whole TCP connections to nodes that are ready. No byte of them is looked into. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { L4_CONNECT_TIMEOUT_MS, L4_CONNECTIONS_MAX } from '../core/defaults.js';
import type { L4Backend } from './l4-backend.js';
import { L4Checks } from './l4-checks.js';
import { healthAfter, type L4Finding } from './l4-health.js';
import { L4Node, type L4NodeStats } from './l4-node.js';
import type { L4Bytes } from './l4-session.js';
import { pickNode, type L4Strategy } from './l4-strategy.js';

export interface L4Options {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** At least one; no two of one name. */
  readonly backends: readonly L4Backend[];
  /** `least-connections` by default. */
  readonly strategy?: L4Strategy | undefined;
  /** Clients' connections at once; 1024 by default. Further ones are closed at once. */
  readonly connectionsMax?: number | undefined;
  /** Between two checks of a node, in milliseconds; 250 by default. */
  readonly checkPeriodMs?: number | undefined;
  /** Of a check, and of a connection to a node, in milliseconds; 500 by default. */
  readonly timeoutMs?: number | undefined;
  /** Told of what happens to nodes once it has happened; must not throw. */
  readonly onEvent?: ((event: L4Event) => void) | undefined;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export type L4Event =
  | { readonly event: 'nodeDown'; readonly node: string; readonly reason: string; readonly cut: number }
  | { readonly event: 'nodeUp'; readonly node: string }
  /** A client's connection could not be taken, as where this process has no descriptor left. */
  | { readonly event: 'notAccepted'; readonly reason: string };

export interface L4Stats {
  readonly connections: {
    readonly open: number;
    /** Handed to a node. */
    readonly total: number;
    /** Tries at a further node after one that could not be reached. */
    readonly retried: number;
    /** Closed at once, by why. */
    readonly refused: { readonly tooMany: number; readonly noNode: number };
  };
  readonly bytes: L4Bytes;
  /** In the order of the backends. */
  readonly nodes: readonly L4NodeStats[];
}

export class L4Balancer {
  readonly #options: L4Options;
  readonly #nodes: readonly L4Node[];
  /** Paused, so that nothing is read of what they send, while a node is looked for. */
  readonly #waiting = new Set<Socket>();
  readonly #server: Server;
  #checks: L4Checks | undefined;
  #stopped: Promise<void> | undefined;
  #whenEmpty: () => void = () => undefined;
  #lastPlace = -1;
  #retried = 0;
  #tooMany = 0;
  #noNode = 0;

  private constructor(options: L4Options) {
    this.#options = options;
    this.#nodes = options.backends.map((backend, place) => new L4Node(backend, place));
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => void this.#accept(client));
    this.#server.maxConnections = options.connectionsMax ?? L4_CONNECTIONS_MAX;
    this.#server.on('drop', () => (this.#tooMany += 1));
  }

  /** Looks at every node, then listens. Rejects with the error of the socket, such as EADDRINUSE. */
  static async start(options: L4Options): Promise<L4Balancer> {
    const balancer = new L4Balancer(options);
    await balancer.#watchNodes();
    try {
      await balancer.#listen();
    } catch (error) {
      balancer.#checks?.stop();
      throw error;
    }
    return balancer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stats(): L4Stats {
    const nodes = this.#nodes.map((node) => node.stats());
    const total = (of: (node: L4NodeStats) => number): number => nodes.reduce((all, node) => all + of(node), 0);
    return {
      connections: {
        open: total(({ connections }) => connections.open),
        total: total(({ connections }) => connections.total),
        retried: this.#retried,
        refused: { tooMany: this.#tooMany, noNode: this.#noNode },
      },
      bytes: { up: total(({ bytes }) => bytes.up), down: total(({ bytes }) => bytes.down) },
      nodes,
    };
  }

  /**
   * Takes no more connections; those that are open may go on for so long, and are then cut. Nodes are watched until
   * then. Asked for again, it is the same stop.
   */
  stop(drainMs: number): Promise<void> {
    this.#stopped ??= this.#stop(drainMs);
    return this.#stopped;
  }

  /** Ends every open connection at once, also in the middle of a stop. */
  cut(): void {
    for (const client of this.#waiting) client.resetAndDestroy();
    for (const node of this.#nodes) node.cutAll();
  }

  async #stop(drainMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const empty = new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    this.#settle();
    const drain = setTimeout(() => this.cut(), drainMs);
    await empty;
    clearTimeout(drain);
    this.#checks?.stop();
    await closed;
  }

  async #watchNodes(): Promise<void> {
    const byBackend = new Map(this.#nodes.map((node) => [node.backend, node]));
    this.#checks = await L4Checks.start({
      backends: this.#options.backends,
      isDown: (backend) => byBackend.get(backend)!.health.kind === 'down',
      found: (backend, finding) => this.#found(byBackend.get(backend)!, finding),
      periodMs: this.#options.checkPeriodMs,
      timeoutMs: this.#options.timeoutMs,
    });
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: this.#options.host, port: this.#options.port, exclusive: true }, () => {
        this.#server.removeListener('error', reject);
        this.#server.on('error', ({ message }) => this.#tell({ event: 'notAccepted', reason: message }));
        resolve();
      });
    });
  }

  async #accept(client: Socket): Promise<void> {
    this.#waiting.add(client);
    client.on('error', () => undefined);
    const found = await this.#connectSomewhere(client);
    this.#waiting.delete(client);
    if (found === undefined) {
      if (!client.destroyed) client.resetAndDestroy();
    } else {
      found.node.carry(client, found.socket, () => this.#settle());
    }
    this.#settle();
  }

  /** Each ready node is tried once: nothing was passed yet, so that the client does not notice. */
  async #connectSomewhere(client: Socket): Promise<{ node: L4Node; socket: Socket } | undefined> {
    const tried = new Set<L4Node>();
    for (let node = this.#pick(client, tried); node !== undefined; node = this.#pick(client, tried)) {
      if (tried.size > 0) this.#retried += 1;
      tried.add(node);
      const dialled = await node.dial(this.#options.timeoutMs ?? L4_CONNECT_TIMEOUT_MS);
      if (dialled.kind === 'failed') {
        if (dialled.finding !== undefined) this.#found(node, dialled.finding);
      } else if (node.isUp && !client.destroyed) {
        return { node, socket: dialled.socket };
      } else {
        dialled.socket.destroy();
      }
      if (client.destroyed) return undefined;
    }
    this.#noNode += 1;
    return undefined;
  }

  #pick(client: Socket, tried: ReadonlySet<L4Node>): L4Node | undefined {
    const { strategy = 'least-connections', random } = this.#options;
    const ready = this.#nodes.filter((node) => node.isUp && !tried.has(node));
    const draw = { lastPlace: this.#lastPlace, source: client.remoteAddress ?? '', random };
    const node = pickNode(strategy, ready, draw);
    if (node !== undefined) this.#lastPlace = node.place;
    return node;
  }

  #found(node: L4Node, finding: L4Finding): void {
    const before = node.health;
    node.health = healthAfter(before, finding);
    const { health } = node;
    if (before.kind === 'up' && health.kind === 'down') {
      this.#tell({ event: 'nodeDown', node: node.name, reason: health.reason, cut: node.abandon() });
    } else if (before.kind === 'down' && health.kind === 'up') {
      this.#tell({ event: 'nodeUp', node: node.name });
    }
  }

  #tell(event: L4Event): void {
    this.#options.onEvent?.(event);
  }

  /** One connection less, perhaps the last one. */
  #settle(): void {
    if (this.#waiting.size === 0 && this.#nodes.every(({ connections }) => connections === 0)) this.#whenEmpty();
  }
}
