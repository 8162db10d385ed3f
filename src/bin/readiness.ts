/** What /readyz answers. */
import { majority } from '../core/level.js';
import type { PolicyStand } from '../core/repair-message.js';
import type { NodeStats, RepairStats } from '../node/stats.js';

export interface PeerReadiness {
  readonly id: string;
  readonly reachable: boolean;
  readonly roundTripMs?: number | undefined;
  readonly clockOffsetMs?: number | undefined;
}

export interface NodeReadiness {
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason?: string | undefined;
  readonly cluster: string;
  readonly node: string;
  readonly pid: number;
  readonly incarnation: string;
  readonly peers: readonly PeerReadiness[];
  readonly stand: PolicyStand & {
    /** Of what has to be settled for a stronger policy, what this node has done, 0 to 1; 1 where nothing has to be. */
    readonly settlingProgress: number;
  };
  readonly repair: RepairReadiness;
}

/** What this node is mending, and what it keeps for others. */
export interface RepairReadiness {
  /** Writes kept for nodes that could not be reached, by node. */
  readonly hints: Readonly<{ [node: string]: number }>;
  /** False while the trees that comparisons need are still being built, from `keysScanned` keys so far. */
  readonly treesComplete: boolean;
  readonly keysScanned: number;
  /** The node that is being compared with now; null: none. */
  readonly comparing: string | null;
  /** The share of the keys that is known to be the same there, 0 to 1. */
  readonly progress: number;
  /** Keys mended since the start. */
  readonly mended: number;
  /** Entries of the conflict ledger. */
  readonly conflicts: number;
}

/** Who answers. */
export type NodeIdentity = Pick<NodeReadiness, 'cluster' | 'node' | 'pid' | 'incarnation'>;

export function readinessOf(
  identity: NodeIdentity,
  ready: boolean,
  stopping: boolean,
  stats: NodeStats,
  policy: PolicyStand,
): NodeReadiness {
  const peers = stats.peers.map(({ id, reachable, roundTripMs, clockOffsetMs }) => ({
    id,
    reachable,
    roundTripMs,
    clockOffsetMs,
  }));
  const stand = { ...policy, settlingProgress: stats.repair.settlingProgress };
  const said = { ...identity, peers, stand, repair: repairOf(stats.repair) };
  const nodes = peers.length + 1;
  const reached = peers.filter((peer) => peer.reachable).length + 1;
  if (stopping) return { ready: false, reason: 'the node is stopping', ...said };
  if (ready) return { ready: true, ...said };
  const reason = `${reached} of ${nodes} nodes reached, itself included; ${majority(nodes)} are needed`;
  return { ready: false, reason, ...said };
}

function repairOf(stats: RepairStats): RepairReadiness {
  const { treesComplete, keysScanned, comparing, progress, pushed, pulled, settled, conflictsKept } = stats;
  return {
    hints: Object.fromEntries(stats.hints.targets.map(({ target, hints }) => [target, hints])),
    treesComplete,
    keysScanned,
    comparing: comparing ?? null,
    progress,
    mended: pushed + pulled + settled,
    conflicts: conflictsKept,
  };
}
