import type { ErrorDetails } from '../../src/core/errors.js';
import type { Level } from '../../src/core/level.js';
import type { Form, Operation } from '../../src/core/operation.js';
import { defaultLevel, formOf, type Policy } from '../../src/core/policy.js';
import type { GetRequest, MutateReply, MutateRequest, Reply, Request, ValueReply } from '../../src/core/request.js';
import { Ring } from '../../src/core/ring.js';
import { noteCodec } from '../../src/adapters/note-codec.js';
import { memoryFrom } from '../../src/node/node-memory.js';
import { Node } from '../../src/node/node.js';
import { FakeNetwork, type FakeTransport } from './fake-network.js';
import { FakeStore } from './fake-store.js';
import { deleteOperation, putOperation, type PutOptions } from '../core/operations.js';
import { Timeline, type VirtualClock } from './timeline.js';

export interface Member {
  readonly node: Node;
  readonly store: FakeStore;
  readonly clock: VirtualClock;
  readonly transport: FakeTransport;
  readonly fatal: Error[];
}

export interface ClusterOptions {
  readonly nodes?: readonly string[];
  readonly replicas?: number;
  readonly policy?: Policy;
  readonly cacheBytesMax?: number;
  readonly tombstoneGraceMs?: number;
  /** Of the requests that are sampled; none unless told. */
  readonly counterfactualShare?: number;
}

/** What became of one request. */
export interface Answer {
  readonly replies: Reply[];
}

const silentLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  // Nobody reads the logs of these tests.
}

/** Real nodes on virtual time, a fake network and fake disks. */
export class TestCluster {
  readonly timeline = new Timeline();
  readonly network = new FakeNetwork(this.timeline);
  readonly members = new Map<string, Member>();
  readonly #ring: Ring;
  #keys = 0;
  #operations = 0;

  constructor(options: ClusterOptions = {}) {
    const { nodes = ['n1', 'n2', 'n3'], replicas = 3, policy = 'PC/EC' } = options;
    this.#ring = new Ring({ nodes, replicas });
    for (const id of nodes) this.members.set(id, this.#member(id, { nodes, replicas, policy }, options));
    for (const { node } of this.members.values()) node.start();
    this.timeline.settle();
  }

  of(id: string): Member {
    return this.members.get(id)!;
  }

  homes(key: string): readonly string[] {
    return this.#ring.homeReplicas(key);
  }

  /** A key that was not used yet, whose home replicas begin with these. */
  key(...homes: string[]): string {
    for (;;) {
      this.#keys += 1;
      const key = `key-${this.#keys}`;
      const own = this.homes(key);
      if (homes.every((home, index) => own[index] === home)) return key;
    }
  }

  /** The time of a new operation, by a clock that is right. */
  opTime(): number {
    this.#operations += 1;
    return this.timeline.clock().physicalMicros() + this.#operations;
  }

  ask(id: string, request: Request): Answer {
    const answer: Answer = { replies: [] };
    this.of(id).node.execute(request, (reply) => {
      answer.replies.push(reply);
    });
    return answer;
  }

  mutate(id: string, key: string, operation: Operation, request: Partial<MutateRequest> = {}): Answer {
    return this.ask(id, { kind: 'mutate', key, operation, level: null, name: null, timeoutMs: 5_000, ...request });
  }

  put(id: string, key: string, value: string, request: Partial<MutateRequest> & PutOptions = {}): Answer {
    const { form = this.#formOf(id, request), expect, ttlMs, ...rest } = request;
    const options = { form, ...(expect && { expect }), ...(ttlMs && { ttlMs }) };
    return this.mutate(id, key, putOperation(this.opTime(), value, options), rest);
  }

  delete(id: string, key: string, request: Partial<MutateRequest> = {}): Answer {
    return this.mutate(id, key, deleteOperation(this.opTime(), { form: this.#formOf(id, request) }), request);
  }

  /** As a client mints it that knows the node's policy. */
  #formOf(id: string, { level, expect }: Partial<MutateRequest> & PutOptions): Form {
    const { policy } = this.of(id).node.stand;
    return expect == null ? formOf(policy, level ?? defaultLevel(policy)) : 'consensus';
  }

  get(id: string, key: string, request: Partial<GetRequest> = {}): Answer {
    return this.ask(id, { kind: 'get', key, level: null, allowStale: false, timeoutMs: 5_000, ...request });
  }

  /** Lets time pass until the request is answered; the only answer it may ever get. */
  reply(answer: Answer, withinMs = 10_000): Reply {
    this.timeline.settle();
    for (let ms = 0; ms < withinMs && answer.replies.length === 0; ms += 5) this.timeline.advance(5);
    if (answer.replies.length !== 1) throw new Error(`answered ${answer.replies.length} times within ${withinMs} ms`);
    return answer.replies[0]!;
  }

  mutated(answer: Answer): MutateReply {
    const reply = this.reply(answer);
    if (reply.kind !== 'mutated') throw new Error(`expected a success, not ${JSON.stringify(reply)}`);
    return reply;
  }

  value(answer: Answer): ValueReply {
    const reply = this.reply(answer);
    if (reply.kind !== 'value') throw new Error(`expected a value, not ${JSON.stringify(reply)}`);
    return reply;
  }

  error(answer: Answer): ErrorDetails {
    const reply = this.reply(answer);
    if (reply.kind !== 'error') throw new Error(`expected an error, not ${JSON.stringify(reply)}`);
    return reply.error;
  }

  /** Puts a value and waits for the answer. */
  written(id: string, key: string, value: string, level: Level = 'QUORUM'): MutateReply {
    return this.mutated(this.put(id, key, value, { level }));
  }

  /** The kinds of request frames that were sent since the log was last emptied. */
  requestKinds(): string[] {
    const kinds = new Set(['prepare', 'accept', 'read', 'forward']);
    const frames = this.network.traffic.map(({ frame }) => frame).filter(({ kind }) => kinds.has(kind));
    return [...new Set(frames)].map(({ kind }) => kind);
  }

  #member(
    id: string,
    cluster: { nodes: readonly string[]; replicas: number; policy: Policy },
    { cacheBytesMax, tombstoneGraceMs, counterfactualShare }: ClusterOptions,
  ): Member {
    const self = { node: id, incarnation: (this.members.size + 1).toString(16).repeat(16) };
    const store = new FakeStore(this.timeline);
    const clock = this.timeline.clock();
    const transport = this.network.transport(self);
    const fatal: Error[] = [];
    let drawn = 0;
    const node = new Node({
      self,
      cluster,
      clock,
      store,
      transport,
      log: silentLog,
      random: { unit: () => 0.5, hex64: () => `${id}${(drawn += 1)}`.replace('n', '').padStart(16, '0') },
      noteCodec,
      memory: memoryFrom([], cluster.policy),
      onFatal: (error) => fatal.push(error),
      counterfactualShare,
      ...(cacheBytesMax !== undefined && { cacheBytesMax }),
      ...(tombstoneGraceMs !== undefined && { tombstoneGraceMs }),
    });
    return { node, store, clock, transport, fatal };
  }
}
