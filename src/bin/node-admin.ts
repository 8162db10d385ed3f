/** A node as its Admin service shows it. */
import type { ProcessId } from '../core/ballot.js';
import type { Node } from '../node/node.js';
import type { AdminService, AdminStatus, PeerStatus, RepairStatus } from '../ports/admin.js';
import type { NodeAddress } from '../ports/pipe.js';
import type { NodeStats, RepairStats } from '../node/stats.js';

export interface AdminIdentity {
  readonly cluster: string;
  readonly process: ProcessId;
  readonly replicas: number;
  readonly nodes: readonly NodeAddress[];
}

export function adminOf(node: Node, identity: AdminIdentity): AdminService {
  return {
    status: () => statusOf(node, identity),
    changePolicy: (policy, report) => node.changePolicy(policy, report),
    conflicts: (after, limit, done) => node.conflicts(after, limit, done),
  };
}

function statusOf(node: Node, identity: AdminIdentity): AdminStatus {
  const stats = node.stats();
  return {
    ...identity,
    ready: node.ready(),
    stand: node.stand,
    settlingProgress: stats.repair.settlingProgress,
    peers: peersOf(stats),
    repair: repairOf(stats.repair),
  };
}

function peersOf({ peers, repair }: NodeStats): PeerStatus[] {
  return peers.map(({ id, verdict, reachable, roundTripMs, clockOffsetMs }) => {
    const kept = repair.hints.targets.find(({ target }) => target === id);
    const comparedAtMs = repair.comparedAtMs[id] ?? 0;
    const { hints = 0, bytes: hintBytes = 0 } = kept ?? {};
    return { id, verdict, reachable, roundTripMs, clockOffsetMs, hints, hintBytes, comparedAtMs };
  });
}

function repairOf({ hints, collected, ...repair }: RepairStats): RepairStatus {
  const { treesComplete, keysScanned, comparing, progress, comparisons, pushed, pulled, settled } = repair;
  const { conflicts, conflictsKept } = repair;
  return {
    treesComplete,
    keysScanned,
    comparing,
    progress,
    comparisons,
    pushed,
    pulled,
    settled,
    hintsDelivered: hints.delivered,
    hintsExpired: hints.expired,
    conflicts,
    conflictsKept,
    tombstonesCollected: collected,
  };
}
