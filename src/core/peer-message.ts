/** What home replicas ask each other about one key, and answer. */
import type { Ballot, Micros } from './ballot.js';
import type { Alarm, ClockSkew, Nack } from './register.js';
import type { State } from './state.js';

export type PeerMessage = PrepareMessage | AcceptMessage | ReadMessage;

export interface PrepareMessage {
  readonly kind: 'prepare';
  readonly key: string;
  readonly ballot: Ballot;
}

export interface AcceptMessage {
  readonly kind: 'accept';
  readonly key: string;
  readonly ballot: Ballot;
  readonly state: State;
  /** A latency write, from its own coordinator: what that held when it took the write. For the conflict ledger. */
  readonly base?: Ballot | undefined;
}

export interface ReadMessage {
  readonly kind: 'read';
  readonly key: string;
  /** What the coordinator has accepted: a replica that has the same answers so, without the value. */
  readonly known: Ballot;
}

export type PeerReply = Promised | Accepted | Same | Found | Nack | ClockSkew | Alarm | Refused;

/** An answer, or one that never came, because the replica cannot be reached. */
export type ReplyOrSilence = PeerReply | { readonly kind: 'unreachable' };

/** Rule 4: the record on which the promise was made. */
export interface Promised {
  readonly kind: 'promised';
  readonly accepted: Ballot;
  readonly state: State | null;
  readonly maxOpTime: Micros;
  readonly incarnation: string;
  /** F, where accepted is none; otherwise none. */
  readonly floor: Ballot;
}

/** The state is durable at this replica under this ballot. */
export interface Accepted {
  readonly kind: 'accepted';
}

/** Durable here under exactly the ballot the coordinator named. */
export interface Same {
  readonly kind: 'same';
}

/** What is durable here instead. */
export interface Found {
  readonly kind: 'found';
  readonly accepted: Ballot;
  readonly state: State | null;
}

/** Not carried out, nothing was changed: overload, another epoch, or a node that is stopping. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: 'OVERLOADED' | 'STALE_EPOCH' | 'UNAVAILABLE';
}

export const ACCEPTED: Accepted = Object.freeze({ kind: 'accepted' });
export const SAME: Same = Object.freeze({ kind: 'same' });
