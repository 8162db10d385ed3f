/** What a node does for its peers in the background: answers about its records, and what it keeps or settles for them. */
import { inspect } from '../core/collection.js';
import type { MerkleRequest } from '../core/merkle-forest.js';
import type { RepairReply, RepairRequest } from '../core/repair-message.js';
import type { Acknowledged } from './counterfactuals.js';
import type { HintKeeper } from './hint-keeper.js';
import type { KeySettler } from './key-settler.js';
import type { PolicyKeeper } from './policy-keeper.js';
import type { TreeKeeper } from './tree-keeper.js';
import type { Tools } from './tools.js';

export interface RepairServiceParts {
  readonly tools: Tools;
  readonly settler: KeySettler;
  readonly trees: TreeKeeper;
  readonly hints: HintKeeper;
  readonly policy: PolicyKeeper;
  /** Writes of this key that this node acknowledged. */
  readonly acknowledgedOf: (key: string) => Acknowledged;
}

export class RepairService {
  readonly #parts: RepairServiceParts;

  constructor(parts: RepairServiceParts) {
    this.#parts = parts;
  }

  answer(request: RepairRequest, done: (reply: RepairReply) => void): void {
    switch (request.kind) {
      case 'inspect':
        this.#inspect(request.key, done);
        return;
      case 'settle':
        this.#parts.settler.settle(request.key, request, (settled) => {
          done({ kind: 'settled', settled });
        });
        return;
      case 'roots':
      case 'children':
        this.#digests(request, done);
        return;
      case 'leaves':
        this.#parts.trees.keysOf(request.group, request.leaves, (keys) => {
          done({ kind: 'keys', keys });
        });
        return;
      case 'policy':
        this.#parts.policy.hear(request.stand, (stand) => {
          done({ kind: 'policy', stand });
        });
        return;
      case 'acknowledged':
        done({ kind: 'acknowledged', ...this.#parts.acknowledgedOf(request.key) });
        return;
      case 'barrier':
        done(this.#parts.policy.barrier(request.epoch));
        return;
      case 'hint':
        this.#parts.hints.keep(request.target, request.key, request.ballot, request.state, (kept) => {
          done({ kind: 'hinted', kept });
        });
        return;
      case 'collect':
        this.#parts.tools.replica.collect(request.key, request.accepted, request.before, (removed) => {
          done({ kind: 'collected', removed });
        });
    }
  }

  #digests(request: MerkleRequest, done: (reply: RepairReply) => void): void {
    const digests = this.#parts.trees.forest.answer(request);
    if (digests === undefined) done({ kind: 'declined', reason: 'the trees of this node are not built yet' });
    else done({ kind: 'digests', digests });
  }

  #inspect(key: string, done: (reply: RepairReply) => void): void {
    this.#parts.tools.replica.durable(key, (record) => {
      done({ kind: 'inspected', ...inspect(record) });
    });
  }
}
