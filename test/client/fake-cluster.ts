/** A cluster made of scripts: tests see every batch and say what is answered. */
import type { ProcessId } from '../../src/core/ballot.js';
import type { ErrorDetails } from '../../src/core/errors.js';
import type { Policy } from '../../src/core/policy.js';
import type { ErrorReply, MutateReply, MutateRequest, Reply, Request, ValueReply } from '../../src/core/request.js';
import type { Hello, Pipe, PipeEvents, PipeRequest, PipeTransport } from '../../src/ports/pipe.js';
import type { ReceiptShape } from '../../src/core/receipt.js';
import { RECEIPT } from '../core/receipts.js';
import type { FakeClock } from './fake-clock.js';

export function valueReply(value: Uint8Array | null, fields: Partial<ValueReply> = {}): ValueReply {
  const version = { time: 1_700_000_000_000_000, incarnation: '00000000000000aa', sub: 0, index: 0 };
  const accepted = { time: version.time, node: 'n1', incarnation: version.incarnation, sub: 0 };
  return { kind: 'value', value, encoding: 'bytes', version, accepted, receipt: RECEIPT, serverMicros: 250, ...fields };
}

export function mutated(request: Request): MutateReply {
  const { id } = (request as MutateRequest).operation;
  const version = { time: id.time, incarnation: id.incarnation, sub: 0, index: 0 };
  const receipt: ReceiptShape = { ...RECEIPT, operation: 'put' };
  return { kind: 'mutated', version, accepted: id, existed: false, receipt, serverMicros: 900 };
}

export function errorReply(code: ErrorDetails['code'], fields: Partial<ErrorDetails> = {}): ErrorReply {
  const message = `refused with ${code}`;
  return { kind: 'error', error: { code, message, definite: true, retryable: true, ...fields } };
}

/** One pipe that was opened to a node; answers nothing by itself. */
export class FakePipe implements Pipe {
  readonly batches: (readonly PipeRequest[])[] = [];
  queuedBytes = 0;
  isClosed = false;
  /** How often it was asked whether it is there. */
  echoes = 0;

  constructor(
    readonly address: string,
    readonly client: ProcessId,
    readonly events: PipeEvents,
    private readonly cluster: FakeCluster,
  ) {}

  get requests(): readonly PipeRequest[] {
    return this.batches.flat();
  }

  send(batch: readonly PipeRequest[]): void {
    this.batches.push(batch);
    const { script } = this.cluster;
    const node = this.cluster.nodeAt(this.address)!;
    for (const sent of batch) this.cluster.received.push({ node, request: sent.request, pipe: this, sent });
    if (script === undefined) return;
    for (const sent of batch) {
      const reply = this.cluster.frozen.has(node) ? undefined : script(node, sent.request);
      if (reply !== undefined) this.answer(sent, reply);
    }
  }

  answer({ id }: PipeRequest, reply: Reply): void {
    if (!this.isClosed) this.events.replied([{ id, reply }], this.cluster.clockOf(this.address));
  }

  echo(batch: readonly { readonly id: number }[]): void {
    this.echoes += 1;
    if (this.cluster.frozen.has(this.cluster.nodeAt(this.address)!)) return;
    this.events.echoed(batch.map(({ id }) => id));
  }

  /** As an adapter does it: what closes a pipe oneself is reported, too. */
  close(): void {
    this.lose('closed by the client');
  }

  lose(reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.events.closed(new Error(reason));
  }
}

export interface Received {
  readonly node: string;
  readonly request: Request;
  readonly pipe: FakePipe;
  readonly sent: PipeRequest;
}

export interface FakeClusterOptions {
  readonly nodes?: readonly string[];
  readonly policy?: Policy;
  readonly replicas?: number;
}

export class FakeCluster implements PipeTransport {
  readonly pipes: FakePipe[] = [];
  /** Requests that reached nodes, in that order. */
  readonly received: Received[] = [];
  readonly nodes: string[];
  name = 'test';
  policy: Policy;
  policyEpoch = 1;
  /** What nodes answer at once; undefined: nothing. */
  script: ((node: string, request: Request) => Reply | undefined) | undefined;
  /** A node's clock minus the virtual machine's, in microseconds. */
  readonly clockAhead = new Map<string, number>();
  /** Nodes whose connections are refused. */
  readonly down = new Set<string>();
  /** Nodes that accept a connection and then say nothing. */
  readonly silent = new Set<string>();
  /** Nodes that have stopped: their connections stay, and new ones are accepted, but nothing is answered. */
  readonly frozen = new Set<string>();
  readonly #clock: FakeClock;
  readonly #replicas: number;
  readonly #addresses = new Map<string, string>();

  constructor(clock: FakeClock, options: FakeClusterOptions = {}) {
    this.#clock = clock;
    this.nodes = [...(options.nodes ?? ['n1', 'n2', 'n3'])];
    this.policy = options.policy ?? 'PC/EC';
    this.#replicas = options.replicas ?? 3;
    for (const node of this.nodes) this.#addresses.set(node, `${node}:7401`);
  }

  addressOf(node: string): string {
    return this.#addresses.get(node)!;
  }

  move(node: string, address: string): void {
    this.#addresses.set(node, address);
  }

  /** `alias-n2:1` leads to n2 as well, as through a proxy. */
  nodeAt(address: string): string | undefined {
    const direct = this.nodes.find((node) => this.addressOf(node) === address);
    return direct ?? /^alias-(\w+):/.exec(address)?.[1];
  }

  clockOf(address: string): number {
    return this.#clock.physicalMicros() + (this.clockAhead.get(this.nodeAt(address)!) ?? 0);
  }

  open(address: string, client: ProcessId, events: PipeEvents): Pipe {
    const pipe = new FakePipe(address, client, events, this);
    this.pipes.push(pipe);
    this.#clock.defer(() => this.#answerOpening(pipe));
    return pipe;
  }

  /** The newest pipe to a node. */
  pipeTo(node: string): FakePipe {
    return this.pipes.filter(({ address }) => this.nodeAt(address) === node).at(-1)!;
  }

  join(node: string): void {
    this.nodes.push(node);
    this.move(node, `${node}:7401`);
  }

  /** A node says on its open pipe what it would say at its opening. */
  announce(node: string): void {
    const pipe = this.pipeTo(node);
    pipe.events.changed(this.#hello(node, pipe.address));
  }

  #answerOpening(pipe: FakePipe): void {
    const node = this.nodeAt(pipe.address);
    if (pipe.isClosed || (node !== undefined && (this.silent.has(node) || this.frozen.has(node)))) return;
    if (node === undefined || this.down.has(node)) pipe.lose('connection refused');
    else pipe.events.opened(this.#hello(node, pipe.address));
  }

  #hello(node: string, address: string): Hello {
    return {
      cluster: this.name,
      process: { node, incarnation: '00000000000000bb' },
      policy: this.policy,
      policyEpoch: this.policyEpoch,
      replicas: this.#replicas,
      nodes: this.nodes.map((id) => ({ id, address: this.addressOf(id) })),
      clock: this.clockOf(address),
    };
  }
}
