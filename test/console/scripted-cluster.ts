/** A cluster made of this test's own answers, and the clock and chance that go with it. */
import type { ConsoleParts } from '../../src/console/console.js';
import type { Caller, ConsoleCluster, LinkFaults, NodeObservation } from '../../src/console/ports.js';
import { clusterLive, type ClusterLive } from '../../src/core/cluster-live.js';
import type { Policy } from '../../src/core/policy.js';
import type { Receipt } from '../../src/core/receipt.js';
import { RECEIPT } from '../core/receipts.js';

export const NODES = ['n1', 'n2', 'n3'];

export class ScriptedCluster implements ConsoleCluster {
  readonly name = 'scripted';
  readonly replicas = 3;
  readonly nodes = NODES.map((id, index) => ({ id, address: `127.0.0.1:${7401 + index}` }));
  /** What was asked of it, in order. */
  readonly asked: string[] = [];
  readonly states = new Map<string, NodeObservation['state']>(NODES.map((id) => [id, 'up']));
  policyNow: Policy = 'PC/EC';
  readonly links: LinkFaults | undefined;

  constructor(options: { readonly canCut: boolean } = { canCut: true }) {
    const note = async (what: string): Promise<void> => void this.asked.push(what);
    this.links = options.canCut
      ? {
          cut: (a, b) => note(`cut ${a} ${b}`),
          slow: (a, b, ms) => note(`slow ${a} ${b} ${ms}`),
          mend: (a, b) => note(`mend ${a} ${b}`),
        }
      : undefined;
  }

  readonly observer = {
    observe: async (): Promise<NodeObservation[]> =>
      NODES.map((id) => ({
        id,
        pid: 1,
        state: this.states.get(id)!,
        peers: NODES.filter((peer) => peer !== id).map((peer) => ({ id: peer, reachable: true, roundTripMs: 1 })),
      })),
  };

  readonly processes = {
    kill: (id: string) => this.#becomes(id, 'down'),
    pause: (id: string) => this.#becomes(id, 'paused'),
    resume: (id: string) => this.#becomes(id, 'up'),
    restart: (id: string) => this.#becomes(id, 'up'),
  };

  readonly operator = {
    policy: async () => ({ policy: this.policyNow, isSettled: true }),
    changePolicy: async (policy: Policy): Promise<void> => void (this.policyNow = policy),
    conflicts: async () => ({ conflicts: [], count: 0 }),
  };

  live(): ClusterLive {
    return clusterLive([]);
  }

  caller(node: string): Caller {
    return {
      node,
      get: async () => ({ value: undefined, version: undefined, receipt: receiptOf({ coordinator: node }) }),
      put: async () => ({ version: 'v', receipt: receiptOf({ operation: 'put', coordinator: node }) }),
    };
  }

  async #becomes(id: string, state: NodeObservation['state']): Promise<void> {
    this.asked.push(`${state} ${id}`);
    this.states.set(id, state);
  }
}

export function receiptOf(fields: Partial<Receipt> = {}): Receipt {
  return { ...RECEIPT, version: 'v', serverMs: 1, ...fields };
}

export function partsFor(cluster: ScriptedCluster): ConsoleParts {
  return {
    cluster,
    judge: () => ({ verdict: 'valid', checked: 0 }),
    clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
    random: () => 0.5,
  };
}
