/** One node of the cluster: takes requests, carries out those it owns, passes on the others. */
import type { Ballot } from '../core/ballot.js';
import { CACHE_BYTES_MAX, CLOCK_BOUND_MS, LISTED_AT_ONCE_MAX, TOMBSTONE_GRACE_MS } from '../core/defaults.js';
import { NO_KEYS, publicRange } from '../core/key-range.js';
import type { Level } from '../core/level.js';
import { majority } from '../core/level.js';
import { defaultLevel } from '../core/policy.js';
import type { PolicyStand } from '../core/repair-message.js';
import { ReceiptShapes } from '../core/receipt.js';
import type { GetRequest, ListRequest, MutateRequest, Reply, Request } from '../core/request.js';
import { BallotMint } from '../core/hlc.js';
import { Ring } from '../core/ring.js';
import type { AdminService } from '../ports/admin.js';
import type { Kv } from '../ports/kv.js';
import type { Epochs } from '../ports/peers.js';
import { Admission } from './admission.js';
import { Background } from './background.js';
import { Coordinator } from './coordinator.js';
import { ExpirySweeper } from './expiry-sweeper.js';
import { NamedCall } from './named-call.js';
import { ForwardCall } from './forward-call.js';
import { Live } from './live.js';
import { PeerLinks, type PeerService } from './peer-links.js';
import type { NodeOptions } from './node-options.js';
import { Pending } from './pending.js';
import * as refusals from './refusals.js';
import { Replica } from './replica.js';
import { requestProblem, sizeOf, type Origin } from './request-check.js';
import { SlowLane } from './slow-lane.js';
import type { NodeStats } from './stats.js';
import type { Tools } from './tools.js';

/** The members of a cluster are fixed when it is made. */
const CONFIG_EPOCH = 1;

export class Node implements Kv {
  /** What it tells of itself while it works. */
  readonly live: Live;
  readonly #options: NodeOptions;
  readonly #ring: Ring;
  readonly #links: PeerLinks;
  readonly #replica: Replica;
  readonly #coordinator: Coordinator;
  readonly #tools: Tools;
  readonly #admission = new Admission();
  readonly #sweeper: ExpirySweeper;
  readonly #background: Background;
  #forwarded = 0;
  #stopped: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    const { self, cluster, clock, random, store, transport, log, onFatal } = options;
    this.#ring = new Ring({ nodes: cluster.nodes, replicas: cluster.replicas });
    this.#replica = new Replica({
      self,
      clock,
      store,
      log,
      onFatal,
      floor: options.memory.floor,
      onChanged: (change) => {
        this.#background.changed(change);
      },
      onLate: (message, record) => {
        this.#background.late(message, record);
      },
      cacheBytesMax: options.cacheBytesMax ?? CACHE_BYTES_MAX,
    });
    const peers = cluster.nodes.filter((id) => id !== self.node);
    this.#links = new PeerLinks({ peers, transport, service: this.#service(), epochs: () => this.epochs, clock, log });
    this.#tools = {
      self,
      clock,
      random,
      replica: this.#replica,
      links: this.#links,
      lane: new SlowLane(),
      mint: new BallotMint(self, CLOCK_BOUND_MS * 1_000, () => random.hex64()),
      shapes: new ReceiptShapes(options.memory.stand.policy, self.node, options.memory.stand.settled),
      log,
      timed: (write) => this.live.timed(write),
      counters: { ownerRounds: 0, slowRounds: 0 },
    };
    this.live = new Live({
      cluster: cluster.name ?? '',
      tools: this.#tools,
      share: options.counterfactualShare ?? 0,
      state: () => ({ ...this.#stands(), ready: this.ready(), stand: this.stand }),
    });
    this.#coordinator = new Coordinator(this.#tools, () => this.stand.policy, {
      fallbacks: (key, count) => this.#background.fallbacks(key, count),
      hint: (...hint) => {
        this.#background.hint(...hint);
      },
    });
    this.#background = new Background({
      tools: this.#tools,
      ring: this.#ring,
      store,
      codec: options.noteCodec,
      memory: options.memory,
      onStand: options.onStand ?? ignore,
      peers,
      acknowledgedOf: (key) => this.live.acknowledgedOf(key),
      graceMs: options.tombstoneGraceMs ?? TOMBSTONE_GRACE_MS,
      track: (make) => this.#coordinator.track(make),
    });
    this.#sweeper = this.#newSweeper();
  }

  #newSweeper(): ExpirySweeper {
    const { clock, store, log } = this.#options;
    return new ExpirySweeper({
      clock,
      store,
      replica: this.#replica,
      log,
      execute: this.#executeOwn,
      mint: (key) => this.mint(key),
      isFirst: (key) => this.#isFirst(key),
    });
  }

  start(): void {
    this.#links.start();
    this.#sweeper.start();
    this.#background.start();
    this.live.start();
  }

  /** The policy under which this node works. */
  get stand(): PolicyStand {
    return this.#background.policy.stand;
  }

  /** Changes the policy of the cluster; tells how it goes until it is done or refused. */
  changePolicy(...args: Parameters<AdminService['changePolicy']>): void {
    this.#background.policy.change(...args);
  }

  /** Carried by every request between nodes. */
  get epochs(): Epochs {
    return { policy: this.stand.epoch, config: CONFIG_EPOCH };
  }

  execute(request: Request, done: (reply: Reply) => void): void {
    this.#execute(request, done, 'client');
  }

  /** An operation for a caller that brings none, from the same source as this node's ballots. */
  mint(key: string): Ballot {
    return this.#tools.mint.mint(key, this.#options.clock.physicalMicros());
  }

  /** Whether a majority of the nodes, this one included, can be reached. */
  ready(): boolean {
    const { nodes } = this.#options.cluster;
    const reachable = this.#links.stats().filter((peer) => peer.reachable).length + 1;
    return !this.#stopping && reachable >= majority(nodes.length);
  }

  stats(): NodeStats {
    const { commits, recordsCommitted, cacheHits, cacheMisses, cachedBytes } = this.#replica;
    return {
      ...this.#stands(),
      requests: this.live.requests(),
      live: this.live.stats(),
      inFlightBytes: this.#admission.bytes,
      forwarded: this.#forwarded,
      ...this.#tools.counters,
      expiredSwept: this.#sweeper.swept,
      commits,
      recordsCommitted,
      cacheHits,
      cacheMisses,
      cachedBytes,
    };
  }

  #stands(): Pick<NodeStats, 'peers' | 'inFlightRequests' | 'repair'> {
    return {
      peers: this.#links.stats(),
      inFlightRequests: this.#admission.requests,
      repair: this.#background.stats(),
    };
  }

  /** Forgets a deletion now, if all home replicas hold it and it is old enough. */
  collect(key: string, done: (collected: boolean) => void): void {
    this.#background.collect(key, done);
  }

  /** A page of this node's conflict ledger, after the name `after` ('': from the beginning). */
  conflicts(...args: Parameters<AdminService['conflicts']>): void {
    this.#background.conflicts(...args);
  }

  /** Refuses new requests, waits for those in progress, and for the disk. */
  stop(): Promise<void> {
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  async #drain(): Promise<void> {
    this.#sweeper.stop();
    this.#background.stop();
    this.live.stop();
    if (this.#admission.requests > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    await new Promise<void>((resolve) => {
      this.#replica.whenIdle(resolve);
    });
    await this.#links.stop();
  }

  /** What this node does for its peers. */
  #service(): PeerService {
    return {
      handle: (message, sink, token, from) => {
        this.#replica.handle(message, sink, token, from);
      },
      executeForwarded: (request, done) => {
        this.#execute(request, done, 'peer');
      },
      linkUp: (peer) => {
        this.#background.linkUp(peer);
      },
      otherEpoch: (peer) => {
        this.#background.policy.meet(peer);
      },
      repair: (_from, request, done) => {
        this.#background.answer(request, done);
      },
    };
  }

  get #stopping(): boolean {
    return this.#stopped !== undefined;
  }

  #execute(request: Request, done: (reply: Reply) => void, origin: Origin): void {
    if (this.#stopping && origin !== 'self') done(refusals.stopping());
    else if (request.kind === 'list') this.#list(request, done);
    else this.#executeOnKey(request, done, origin);
  }

  #executeOnKey(request: GetRequest | MutateRequest, done: (reply: Reply) => void, origin: Origin): void {
    const problem = requestProblem(request, origin, this.#options.clock.physicalMicros());
    if (problem !== undefined) return this.#refuse(request, problem, origin, done);
    const bytes = sizeOf(request);
    const full = this.#admission.take(bytes);
    if (full !== undefined) return this.#refuse(request, refusals.overloaded(full), origin, done);
    const pending = this.#pending(request, bytes, origin, done);
    const { node } = this.#options.self;
    if (!pending.homes.includes(node)) this.#forward(pending, origin);
    else if (request.kind === 'get') this.#coordinator.get(pending as Pending<GetRequest>);
    else if (request.name === null || origin === 'self') this.#coordinator.mutate(pending as Pending<MutateRequest>);
    else this.#executeNamed(pending as Pending<MutateRequest>, request.name);
  }

  #refuse(request: GetRequest | MutateRequest, reply: Reply, origin: Origin, done: (reply: Reply) => void): void {
    this.live.refused(request, this.#levelOf(request), reply, origin);
    done(reply);
  }

  #executeNamed(pending: Pending<MutateRequest>, name: string): void {
    new NamedCall(this.#tools, this.#executeOwn, pending, name).start();
  }

  readonly #executeOwn: Kv['execute'] = (request, done) => {
    this.#execute(request, done, 'self');
  };

  #isFirst(key: string): boolean {
    const { node } = this.#options.self;
    return this.#ring.homeReplicas(key).find((id) => id === node || this.#links.reachable(id)) === node;
  }

  #pending(request: GetRequest | MutateRequest, bytes: number, origin: Origin, done: (reply: Reply) => void): Pending {
    const startedMs = this.#options.clock.monotonicMs();
    const pending: Pending = new Pending(
      request,
      this.#levelOf(request),
      this.#ring.homeReplicas(request.key),
      startedMs,
      startedMs + request.timeoutMs,
      (reply) => {
        this.#admission.release(bytes);
        done(reply);
        this.live.answered(pending, reply, origin);
        if (this.#stopping && this.#admission.requests === 0) this.#drained?.();
      },
    );
    return pending;
  }

  #levelOf(request: GetRequest | MutateRequest): Level {
    return request.level ?? defaultLevel(this.stand.policy);
  }

  #forward(pending: Pending, origin: Origin): void {
    if (origin === 'peer') {
      pending.settle(refusals.notHome());
      return;
    }
    this.#forwarded += 1;
    this.#coordinator.track((ended) => new ForwardCall(this.#links, pending, ended)).start();
  }

  #list(request: ListRequest, done: (reply: Reply) => void): void {
    const limit = Math.min(Math.max(1, request.limit), LISTED_AT_ONCE_MAX);
    const range = publicRange(request);
    if (range === undefined) return done({ kind: 'keys', ...NO_KEYS });
    this.#options.store.list(range, limit, (error, page) => {
      if (error === null) done({ kind: 'keys', ...page });
      else done(refusals.unreadable(error.message));
    });
  }
}

function ignore(): void {
  // Nobody wants to know.
}
