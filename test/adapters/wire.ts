/** A gRPC server over a store in memory that is no cluster, and clients of it: for tests of the wire alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials, type ClientDuplexStream, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { GrpcPipeTransport } from '../../src/adapters/grpc-pipe.js';
import { startGrpcServer, type GrpcServer, type GrpcServerOptions } from '../../src/adapters/grpc-server.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import { NO_BALLOT, type Ballot } from '../../src/core/ballot.js';
import type { Level } from '../../src/core/level.js';
import type { OperationKind, ReceiptShape } from '../../src/core/receipt.js';
import type { MutateRequest, Reply, Request } from '../../src/core/request.js';
import { NO_VERSION, sameVersion, versionOf, type Version } from '../../src/core/version.js';
import type { Kv } from '../../src/ports/kv.js';
import type { Log } from '../../src/ports/log.js';
import type { Hello, Pipe, PipeReply } from '../../src/ports/pipe.js';
import { FakeLive } from './fake-live.js';
import { FakeAdmin } from './fake-admin.js';

export const PROCESS = { node: 'n1', incarnation: '0123456789abcdef' };

export const HELLO: Hello = {
  cluster: 'wire',
  process: PROCESS,
  policy: 'PC/EC',
  policyEpoch: 1,
  replicas: 3,
  nodes: [{ id: 'n1', address: '127.0.0.1:1' }],
  clock: 1_700_000_000_000_000,
};

interface Stored {
  readonly value: Uint8Array;
  readonly encoding: 'bytes' | 'msgpack';
  readonly version: Version;
  readonly accepted: Ballot;
}

/** Answers at once, and says what it was asked. */
export class FakeKv implements Kv {
  readonly asked: Request[] = [];
  readonly stored = new Map<string, Stored>();
  /** Given instead of the true answer. */
  override: Reply | undefined;

  execute(request: Request, done: (reply: Reply) => void): void {
    this.asked.push(request);
    done(this.override ?? this.#answer(request));
  }

  #answer(request: Request): Reply {
    if (request.kind === 'mutate') return this.#mutate(request);
    if (request.kind === 'list') {
      return { kind: 'keys', keys: [...this.stored.keys()].sort(), deleted: [], through: null };
    }
    const absent = { value: null, encoding: 'bytes', version: NO_VERSION, accepted: NO_BALLOT } as const;
    const stored = this.stored.get(request.key) ?? absent;
    const reply = { kind: 'value', ...stored, receipt: receiptOf('get', request.level), serverMicros: 250 } as const;
    const isKnown = request.known !== undefined && sameVersion(request.known, stored.version);
    return isKnown ? { ...reply, value: null, unchanged: 'found' } : reply;
  }

  #mutate({ key, level, operation }: MutateRequest): Reply {
    const { mutation, id } = operation;
    const existed = this.stored.has(key);
    const version = versionOf(id, 0);
    if (mutation.kind === 'delete') this.stored.delete(key);
    else this.stored.set(key, { value: mutation.value, encoding: mutation.encoding, version, accepted: id });
    return {
      kind: 'mutated',
      version,
      accepted: id,
      existed,
      receipt: receiptOf(mutation.kind, level),
      serverMicros: 250,
    };
  }
}

function receiptOf(operation: OperationKind, level: Level | null): ReceiptShape {
  return {
    operation,
    level: level ?? 'QUORUM',
    policy: 'PC/EC',
    guarantee: 'linearizable',
    acks: 2,
    required: 2,
    replicas: ['n1', 'n2'],
    missing: ['n3'],
    hinted: 0,
    degraded: false,
    durableCopies: 2,
    rounds: 1,
    coordinator: 'n1',
    replayed: false,
    superseded: false,
  };
}

export class FakeLog implements Log {
  readonly lines: string[] = [];

  debug(fields: object, message: string): void {
    this.#add(fields, message);
  }

  info(fields: object, message: string): void {
    this.#add(fields, message);
  }

  warn(fields: object, message: string): void {
    this.#add(fields, message);
  }

  error(fields: object, message: string): void {
    this.#add(fields, message);
  }

  #add(fields: object, message: string): void {
    this.lines.push(`${message} ${JSON.stringify(fields)}`);
  }
}

export interface Wire {
  readonly server: GrpcServer;
  readonly kv: FakeKv;
  readonly admin: FakeAdmin;
  readonly log: FakeLog;
}

let minted = 0;

export async function startWire(given: Partial<GrpcServerOptions> = {}): Promise<Wire> {
  const kv = new FakeKv();
  const log = new FakeLog();
  const admin = new FakeAdmin(HELLO);
  const server = await startGrpcServer({
    address: '127.0.0.1:0',
    kv,
    hello: () => HELLO,
    now: () => HELLO.clock,
    admin,
    live: new FakeLive(),
    mint: () => ({ ...PROCESS, time: HELLO.clock + (minted += 1), sub: 0 }),
    link: (call) => call.end(),
    clock: systemClock,
    log,
    ...given,
  });
  return { server, kv, admin, log };
}

/** Resolves once it holds; fails after ten seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await sleep(2);
  }
}

/** A pipe and what has come back on it. */
export class TestPipe {
  readonly pipe: Pipe;
  readonly replies = new Map<number, Reply>();
  readonly echoes: number[] = [];
  hello: Hello | undefined;
  reason: Error | undefined;
  closings = 0;
  #next = 1;

  constructor(address: string) {
    this.pipe = new GrpcPipeTransport().open(address, { node: 'client', incarnation: 'ffffffffffffffff' }, this);
  }

  opened(hello: Hello): void {
    this.hello = hello;
  }

  changed(hello: Hello): void {
    this.hello = hello;
  }

  replied(batch: readonly PipeReply[]): void {
    for (const { id, reply } of batch) this.replies.set(id, reply);
  }

  echoed(ids: readonly number[]): void {
    this.echoes.push(...ids);
  }

  closed(reason: Error): void {
    this.reason = reason;
    this.closings += 1;
  }

  async ask(...requests: readonly Request[]): Promise<Reply[]> {
    const ids = requests.map(() => this.#next++);
    this.pipe.send(requests.map((request, i) => ({ id: ids[i]!, request })));
    await until(() => ids.every((id) => this.replies.has(id)) || this.reason !== undefined, 'the pipe answered');
    return ids.map((id) => this.replies.get(id)!);
  }
}

export function get(key: string): Request {
  return { kind: 'get', key, level: 'QUORUM', allowStale: false, timeoutMs: 10_000 };
}

/** A client that knows nothing of ours: bytes out, bytes in. */
export class RawClient {
  readonly client: Client;

  constructor(address: string) {
    this.client = new Client(address, credentials.createInsecure(), { 'grpc.max_send_message_length': -1 });
  }

  /** The answer, or the error with its trailing metadata. */
  unary(method: string, message: Uint8Array): Promise<Buffer | ServiceError> {
    return new Promise((resolve) => {
      const bytes = Buffer.from(message);
      this.client.makeUnaryRequest(method, asIs, asIs, bytes, (error, reply) => {
        resolve(error ?? reply!);
      });
    });
  }

  stream(method: string): ClientDuplexStream<Buffer, Buffer> {
    const call = this.client.makeBidiStreamRequest(method, asIs, asIs);
    call.on('error', () => undefined);
    return call;
  }

  close(): void {
    this.client.close();
  }
}

/** With what status the server ended a stream. */
export function ending(call: ClientDuplexStream<Buffer, Buffer>): Promise<StatusObject> {
  return new Promise((resolve) => {
    call.on('status', resolve);
    call.resume();
  });
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
