/** Brings one key of one replica up to date with another's: an accept, and nothing stronger (PROTOCOL.md rule 16). */
import { compareBallots, NO_BALLOT, type Ballot } from '../core/ballot.js';
import type { State } from '../core/state.js';
import { askOnce } from './ask-once.js';
import type { KeySettler } from './key-settler.js';
import type { LinkReply } from './reply-sink.js';
import type { Tools } from './tools.js';

export interface MendCounts {
  /** Records sent to a replica that had an older one. */
  readonly pushed: number;
  /** Records fetched from a replica that had a newer one. */
  readonly pulled: number;
  /** Keys settled by an identity round, since a promise stood in the way. */
  readonly settled: number;
}

export class KeyMender {
  readonly #tools: Tools;
  readonly #settler: KeySettler;
  readonly #counts = { pushed: 0, pulled: 0, settled: 0 };

  constructor(tools: Tools, settler: KeySettler) {
    this.#tools = tools;
    this.#settler = settler;
  }

  get counts(): MendCounts {
    return { ...this.#counts };
  }

  /** Sends what is here to a peer. `done` is called once: whether the peer now holds it, or something later. */
  push(peer: string, key: string, done: (isMended: boolean) => void): void {
    this.#tools.replica.durable(key, ({ accepted, state }) => {
      if (state === null) {
        done(true);
        return;
      }
      const message = { kind: 'accept', key, ballot: accepted, state } as const;
      askOnce(this.#tools, { peer, message }, (reply) => {
        if (reply?.kind === 'accepted') this.#counts.pushed += 1;
        this.#settleIfBlocked(key, accepted, reply, done);
      });
    });
  }

  /** Fetches what a peer has; `done` as for push. */
  pull(peer: string, key: string, done: (isMended: boolean) => void): void {
    const message = { kind: 'read', key, known: NO_BALLOT } as const;
    askOnce(this.#tools, { peer, message }, (reply) => {
      if (reply?.kind === 'found' && reply.state !== null)
        this.#acceptHere(peer, key, reply.accepted, reply.state, done);
      else done(reply?.kind === 'found');
    });
  }

  /** Rule 19: whatever any home replica holds is brought to all of them, or it is not done. */
  settleByAll(key: string, done: (isMended: boolean) => void): void {
    this.#settler.settle(key, undefined, done, true);
  }

  #acceptHere(peer: string, key: string, ballot: Ballot, state: State, done: (isMended: boolean) => void): void {
    const { replica } = this.#tools;
    const onReply = (_: number, _from: string, reply: LinkReply): void => {
      if (reply.kind === 'accepted') this.#counts.pulled += 1;
      this.#settleIfBlocked(key, ballot, reply, done, { ballot, state });
    };
    replica.handle({ kind: 'accept', key, ballot, state }, { onReply }, 0, peer);
  }

  /** A promise above the ballot keeps the record out: an identity round brings it, or what has replaced it. */
  #settleIfBlocked(
    key: string,
    ballot: Ballot,
    reply: LinkReply | undefined,
    done: (isMended: boolean) => void,
    seed?: { readonly ballot: Ballot; readonly state: State },
  ): void {
    if (reply?.kind !== 'nack' || compareBallots(reply.accepted, ballot) >= 0) {
      done(reply?.kind === 'accepted' || reply?.kind === 'nack');
      return;
    }
    this.#settler.settle(key, seed, (settled) => {
      if (settled) this.#counts.settled += 1;
      done(settled);
    });
  }
}
