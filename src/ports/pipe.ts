import type { Micros, ProcessId } from '../core/ballot.js';
import type { Policy } from '../core/policy.js';
import type { Reply, Request } from '../core/request.js';

/** What a node says of itself and its cluster when a client connects. */
export interface Hello {
  readonly cluster: string;
  readonly process: ProcessId;
  readonly policy: Policy;
  /** Of two nodes that say different policies, the one with the higher epoch knows better. */
  readonly policyEpoch: number;
  /** Home replicas of a key. */
  readonly replicas: number;
  readonly nodes: readonly NodeAddress[];
  readonly clock: Micros;
}

export interface NodeAddress {
  readonly id: string;
  /** host:port of the gRPC server. */
  readonly address: string;
}

export interface PipeRequest {
  /** Chosen by the client, unique on its pipe; the reply names it. */
  readonly id: number;
  readonly request: Request;
}

export interface PipeReply {
  readonly id: number;
  readonly reply: Reply;
}

/** The long-lived stream from a client to one node. */
export interface Pipe {
  /** Hands over one batch. Each request is answered at most once; what is unanswered when the pipe closes never will be. */
  send(batch: readonly PipeRequest[]): void;
  /** Sends bytes to be sent back untouched: the ceiling that the benchmark measures against. */
  echo(batch: readonly { readonly id: number; readonly key: string; readonly value: Uint8Array }[]): void;
  /** Bytes handed over that the stream has not taken yet. */
  readonly queuedBytes: number;
  close(): void;
}

export interface PipeEvents {
  opened(hello: Hello): void;
  /** The node says something else of itself or its cluster by now. */
  changed(hello: Hello): void;
  /** `clock` is the node's clock when it sent this batch. */
  replied(batch: readonly PipeReply[], clock: Micros): void;
  echoed(ids: readonly number[]): void;
  /** Called once, also when the pipe could not be opened. */
  closed(reason: Error): void;
}

export interface PipeTransport {
  open(address: string, client: ProcessId, events: PipeEvents): Pipe;
}
