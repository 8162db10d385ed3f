/** What operators ask of one node, over gRPC (proto/admin.proto). */
import { Client, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { FulcrumError } from '../core/errors.js';
import type { Policy } from '../core/policy.js';
import type { ValueEncoding } from '../core/state.js';
import type {
  AdminCalls,
  ConflictPage,
  NodeReport,
  PolicyStep,
  ReportedConflict,
  ReportedSide,
} from '../ports/admin-calls.js';
import type { Tls } from '../ports/tls.js';
import type { ValueCodec } from '../ports/value-codec.js';
import { fromGrpc } from './grpc-errors.js';
import { CLIENT_OPTIONS } from './grpc-options.js';
import { ADMIN_SERVICE } from './grpc-services.js';
import { diallingWith } from './tls-credentials.js';

/** Every call rejects with a FulcrumError. */
export class AdminClient implements AdminCalls {
  readonly #client: Client;
  readonly #address: string;
  readonly #codec: ValueCodec;

  /** Connects at the first call. `codec`: for the values of conflicts; `tls`: without it, the connection is plain. */
  constructor(address: string, codec: ValueCodec, tls?: Tls) {
    const { credentials, options } = diallingWith(tls)(address);
    this.#address = address;
    this.#codec = codec;
    this.#client = new Client(address, credentials, { ...CLIENT_OPTIONS, ...options });
  }

  async status(timeoutMs: number): Promise<NodeReport> {
    const report = await this.#ask<NodeReport>('Status', {}, timeoutMs);
    return { ...report, peers: report.peers.map(withoutPresence) };
  }

  /** Resolves with the last step; ending the call, as by its timeout, does not end the change. */
  changePolicy(
    policy: Policy,
    timeoutMs: number,
    hear: (step: PolicyStep) => void = () => undefined,
  ): Promise<PolicyStep> {
    const { path, requestSerialize, responseDeserialize } = ADMIN_SERVICE['ChangePolicy']!;
    const deadline = Date.now() + timeoutMs;
    const stream: ClientReadableStream<PolicyStep> = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize as (bytes: Buffer) => PolicyStep,
      { policy },
      { deadline },
    );
    return new Promise((resolve, reject) => {
      let last: PolicyStep | undefined;
      stream.on('data', (step: PolicyStep) => {
        last = step;
        hear(step);
      });
      stream.on('error', (error: unknown) => reject(fromGrpc(error, this.#address, false)));
      stream.on('end', () => (last === undefined ? reject(this.#unanswered()) : resolve(last)));
    });
  }

  /** A page of this node's conflict ledger, after the name `after`; '': from the beginning. */
  async conflicts(after: string, limit: number, timeoutMs: number): Promise<ConflictPage> {
    const { conflicts, next } = await this.#ask<ConflictsReply>('Conflicts', { after, limit }, timeoutMs);
    return { conflicts: conflicts.map((one) => this.#reported(one)), next };
  }

  close(): void {
    this.#client.close();
  }

  #ask<T>(method: 'Status' | 'Conflicts', request: object, timeoutMs: number): Promise<T> {
    const { path, requestSerialize, responseDeserialize } = ADMIN_SERVICE[method]!;
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, reply: T | undefined): void => {
        if (error === null) resolve(reply as T);
        else reject(fromGrpc(error, this.#address, method === 'Status'));
      };
      const deserialize = responseDeserialize as (bytes: Buffer) => T;
      const options = { deadline: Date.now() + timeoutMs };
      this.#client.makeUnaryRequest(path, requestSerialize, deserialize, request, options, answered);
    });
  }

  #unanswered(): FulcrumError {
    const message = `${this.#address} said nothing of the change. It may go on; ask for the policy.`;
    return new FulcrumError({ code: 'UNAVAILABLE', message, definite: false, retryable: true });
  }

  #reported({ discarded, winner, ...rest }: ConflictMessage): ReportedConflict {
    return { ...rest, discarded: this.#side(discarded), winner: this.#side(winner) };
  }

  #side({ value, encoding, ...rest }: SideMessage): ReportedSide {
    const isWhole = !rest.deleted && value.length === rest.valueBytes;
    return { ...rest, value: isWhole ? this.#decoded(value, encoding) : undefined };
  }

  #decoded(value: Buffer, encoding: string): unknown {
    try {
      return this.#codec.decode(value, encoding.toLowerCase() as ValueEncoding);
    } catch {
      return value;
    }
  }
}

/** The parser adds a field beside each optional one that says whether it is there. */
function withoutPresence<T extends object>(message: T): T {
  return Object.fromEntries(Object.entries(message).filter(([name]) => !name.startsWith('_'))) as T;
}

interface SideMessage extends Omit<ReportedSide, 'value'> {
  readonly value: Buffer;
  readonly encoding: string;
}

interface ConflictMessage extends Omit<ReportedConflict, 'discarded' | 'winner'> {
  readonly discarded: SideMessage;
  readonly winner: SideMessage;
}

interface ConflictsReply {
  readonly conflicts: readonly ConflictMessage[];
  readonly next: string;
}
