/** A node's statistics under the names by which they are scraped. */
import type { NodeStats, PeerStats } from '../node/stats.js';
import type { HistogramFamily, MetricFamily } from '../ports/metrics.js';
import { liveMetrics } from './live-metrics.js';
import { counter, counters, gauge, sample, seconds } from './metric-families.js';

/** `latencyBoundsSeconds`: those of the buckets in `stats`. */
export function nodeMetrics(
  stats: NodeStats,
  ready: boolean,
  latencyBoundsSeconds: readonly number[],
): readonly MetricFamily[] {
  return [
    requestDurations(stats, latencyBoundsSeconds),
    gauge('fulcrum_ready', 'Whether the node is ready to serve (1) or not (0).', Number(ready)),
    gauge('fulcrum_in_flight_requests', 'Requests being worked on.', stats.inFlightRequests),
    gauge('fulcrum_in_flight_bytes', 'Bytes held by requests being worked on.', stats.inFlightBytes),
    gauge('fulcrum_cached_bytes', 'Bytes of registers kept in memory.', stats.cachedBytes),
    counter('fulcrum_forwarded_requests_total', 'Requests sent on to a home replica of their key.', stats.forwarded),
    counter('fulcrum_commits_total', 'Batches synced to disk.', stats.commits),
    counter('fulcrum_committed_records_total', 'Records in those batches.', stats.recordsCommitted),
    counters('fulcrum_rounds_total', 'Rounds of consensus started here, by path.', [
      sample(stats.ownerRounds, { path: 'owner' }),
      sample(stats.slowRounds, { path: 'slow' }),
    ]),
    counter('fulcrum_expired_values_swept_total', 'Tombstones written for expired values.', stats.expiredSwept),
    counters('fulcrum_repaired_keys_total', 'Keys mended by anti-entropy, by how.', [
      sample(stats.repair.pushed, { how: 'pushed' }),
      sample(stats.repair.pulled, { how: 'pulled' }),
      sample(stats.repair.settled, { how: 'identity_round' }),
    ]),
    gauge('fulcrum_hints', 'Writes kept here for nodes that could not be reached.', stats.repair.hints.kept),
    gauge('fulcrum_hint_bytes', 'Bytes of those writes.', stats.repair.hints.keptBytes),
    counters('fulcrum_hints_ended_total', 'Writes kept for others that ended here, by how.', [
      sample(stats.repair.hints.delivered, { how: 'delivered' }),
      sample(stats.repair.hints.expired, { how: 'expired' }),
    ]),
    counter(
      'fulcrum_conflicts_total',
      'Entries that this node has made in the conflict ledger.',
      stats.repair.conflicts,
    ),
    gauge('fulcrum_conflicts', 'Entries that the conflict ledger of this node holds.', stats.repair.conflictsKept),
    counter('fulcrum_tombstones_collected_total', 'Deletions forgotten by all home replicas.', stats.repair.collected),
    counter('fulcrum_comparisons_total', 'Comparisons of Merkle trees with a peer.', stats.repair.comparisons),
    gauge(
      'fulcrum_repair_progress',
      'Share of the keys known to be the same at the peer compared with now.',
      stats.repair.progress,
    ),
    counters('fulcrum_cache_lookups_total', 'Lookups in the register cache, by result.', [
      sample(stats.cacheHits, { result: 'hit' }),
      sample(stats.cacheMisses, { result: 'miss' }),
    ]),
    ...peerGauges(stats.peers),
    ...liveMetrics(stats, latencyBoundsSeconds),
  ];
}

/** Of the limit for each client. */
export function throttledRequests(count: number): MetricFamily {
  return counter('fulcrum_throttled_requests_total', 'Requests refused because their client asked too fast.', count);
}

function requestDurations(stats: NodeStats, bounds: readonly number[]): HistogramFamily {
  return {
    kind: 'histogram',
    name: 'fulcrum_request_duration_seconds',
    help: 'Time from receiving a request to its reply in the coordinator, by operation, level and outcome.',
    bounds,
    series: stats.requests.map(({ operation, level, outcome, count, secondsSum, buckets }) => ({
      labels: { operation, level, outcome },
      count,
      sum: secondsSum,
      buckets,
    })),
  };
}

function peerGauges(peers: readonly PeerStats[]): MetricFamily[] {
  const family = (name: string, help: string, read: (peer: PeerStats) => number | undefined): MetricFamily => ({
    kind: 'gauge',
    name,
    help,
    samples: peers.flatMap((peer) => {
      const value = read(peer);
      return value === undefined ? [] : [sample(value, { peer: peer.id })];
    }),
  });
  return [
    family('fulcrum_peer_reachable', 'Whether the peer was heard lately (1) or not (0).', (p) => Number(p.reachable)),
    family('fulcrum_peer_phi', 'How surprising its silence is (phi-accrual); 8 counts as lost.', (p) => p.phi),
    family('fulcrum_peer_silent_seconds', 'Time since its last answer.', (p) => seconds(p.heardMsAgo)),
    family('fulcrum_peer_round_trip_seconds', 'Last heartbeat round trip.', (p) => seconds(p.roundTripMs)),
    family('fulcrum_peer_clock_offset_seconds', "The peer's clock minus this node's.", (p) => seconds(p.clockOffsetMs)),
    family('fulcrum_peer_queued_bytes', 'Bytes queued towards the peer.', (p) => p.queuedBytes),
  ];
}
