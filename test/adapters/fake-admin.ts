import type { Conflict } from '../../src/core/conflict-ledger.js';
import type { Policy } from '../../src/core/policy.js';
import type { AdminService, AdminStatus, ConflictsDone, PolicyProgress } from '../../src/ports/admin.js';
import type { Hello } from '../../src/ports/pipe.js';

/** Tells a made-up story. */
export class FakeAdmin implements AdminService {
  /** What a change of the policy goes through. */
  story: readonly PolicyProgress[] = [];
  ledger: readonly Conflict[] = [];

  constructor(private readonly hello: Hello) {}

  status(): AdminStatus {
    const { cluster, process, replicas, nodes } = this.hello;
    return { cluster, process, replicas, nodes, ...ADMIN_STATUS };
  }

  changePolicy(_policy: Policy, report: (progress: PolicyProgress) => void): void {
    for (const progress of this.story) report(progress);
  }

  conflicts(after: string, limit: number, done: ConflictsDone): void {
    const from = after === '' ? 0 : Number(after);
    const next = from + limit < this.ledger.length ? String(from + limit) : undefined;
    done(null, this.ledger.slice(from, from + limit), next);
  }
}

const ADMIN_STATUS = {
  ready: true,
  stand: { policy: 'PC/EC', epoch: 4, settled: false },
  settlingProgress: 0.25,
  peers: [
    {
      id: 'n2',
      verdict: 'alive',
      reachable: true,
      roundTripMs: 0.5,
      clockOffsetMs: -1.5,
      hints: 3,
      hintBytes: 300,
      comparedAtMs: 1_700_000_000_000,
    },
    {
      id: 'n3',
      verdict: 'dead',
      reachable: false,
      roundTripMs: undefined,
      clockOffsetMs: undefined,
      hints: 0,
      hintBytes: 0,
      comparedAtMs: 0,
    },
  ],
  repair: {
    treesComplete: true,
    keysScanned: 1,
    comparing: undefined,
    progress: 1,
    comparisons: 2,
    pushed: 3,
    pulled: 4,
    settled: 5,
    hintsDelivered: 6,
    hintsExpired: 7,
    conflicts: 8,
    conflictsKept: 9,
    tombstonesCollected: 10,
  },
} as const;
