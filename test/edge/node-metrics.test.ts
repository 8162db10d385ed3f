import test from 'ava';
import { createMetrics } from '../../src/adapters/metrics.js';
import { CounterfactualTally } from '../../src/core/counterfactual-tally.js';
import { nodeMetrics } from '../../src/edge/node-metrics.js';
import type { NodeStats } from '../../src/node/stats.js';

const counterfactual = new CounterfactualTally();
const fresh = { latencyMs: 0.5, stale: undefined, repairs: false };
const stale = { latencyMs: 5, stale: { versions: 2, ms: 30 }, repairs: true };
counterfactual.addRead(
  {
    levels: { ONE: stale, QUORUM: fresh, ALL: undefined },
    replicas: [{ node: 'n2', answer: stale }],
    actual: { level: 'ONE', isStale: true },
    lastWrite: undefined,
  },
  () => undefined,
);
counterfactual.addWrite({ ONE: 0.5, QUORUM: 5, ALL: undefined });

const stats: NodeStats = {
  requests: [{ operation: 'put', level: 'QUORUM', outcome: 'ok', count: 6, secondsSum: 0.5, buckets: [1, 2, 3] }],
  peers: [
    {
      id: 'n2',
      reachable: true,
      verdict: 'alive',
      phi: 0.5,
      heardMsAgo: 40,
      roundTripMs: 2,
      clockOffsetMs: -1.5,
      queuedBytes: 10,
    },
    {
      id: 'n3',
      reachable: false,
      verdict: 'dead',
      phi: undefined,
      heardMsAgo: undefined,
      roundTripMs: undefined,
      clockOffsetMs: undefined,
      queuedBytes: 0,
    },
  ],
  inFlightRequests: 4,
  inFlightBytes: 400,
  forwarded: 7,
  ownerRounds: 8,
  slowRounds: 9,
  expiredSwept: 10,
  repair: {
    treesComplete: true,
    keysScanned: 12,
    comparing: 'n2',
    progress: 0.5,
    comparisons: 3,
    comparedAtMs: {},
    pushed: 4,
    pulled: 5,
    settled: 6,
    hints: { targets: [{ target: 'n3', hints: 7, bytes: 8 }], kept: 7, keptBytes: 8, delivered: 9, expired: 10 },
    conflicts: 11,
    conflictsKept: 13,
    settlingProgress: 0.75,
    collected: 12,
  },
  live: {
    degraded: [{ operation: 'get', level: 'ALL', count: 3 }],
    share: 0.01,
    counterfactual,
    staleness: [
      { level: 'ONE', reads: 8, predicted: 0.25, measured: 0.5, calibrationError: 0.375 },
      { level: 'ALL', reads: 0 },
    ],
    stand: { epoch: 4, policy: 'PA/EL', settled: true },
    watchers: 2,
    watchersDropped: 1,
  },
  commits: 10,
  recordsCommitted: 11,
  cacheHits: 12,
  cacheMisses: 13,
  cachedBytes: 14,
};

async function render(source: () => NodeStats): Promise<string[]> {
  const metrics = createMetrics(() => nodeMetrics(source(), true, [0.001, 0.01]));
  return (await metrics.scrape()).text.split('\n');
}

test('requests are a histogram with cumulative buckets', async (t) => {
  const lines = await render(() => stats);
  const labels = 'operation="put",level="QUORUM",outcome="ok"';
  t.true(lines.includes('# TYPE fulcrum_request_duration_seconds histogram'));
  t.deepEqual(
    lines.filter((line) => line.startsWith('fulcrum_request_duration_seconds')),
    [
      `fulcrum_request_duration_seconds_bucket{${labels},le="0.001"} 1`,
      `fulcrum_request_duration_seconds_bucket{${labels},le="0.01"} 3`,
      `fulcrum_request_duration_seconds_bucket{${labels},le="+Inf"} 6`,
      `fulcrum_request_duration_seconds_sum{${labels}} 0.5`,
      `fulcrum_request_duration_seconds_count{${labels}} 6`,
    ],
  );
});

test('counters and gauges carry the numbers of the node, in the units of their names', async (t) => {
  const lines = await render(() => stats);
  for (const line of [
    'fulcrum_forwarded_requests_total 7',
    'fulcrum_rounds_total{path="owner"} 8',
    'fulcrum_rounds_total{path="slow"} 9',
    'fulcrum_commits_total 10',
    'fulcrum_committed_records_total 11',
    'fulcrum_cache_lookups_total{result="hit"} 12',
    'fulcrum_cache_lookups_total{result="miss"} 13',
    'fulcrum_cached_bytes 14',
    'fulcrum_in_flight_requests 4',
    'fulcrum_in_flight_bytes 400',
    'fulcrum_peer_reachable{peer="n2"} 1',
    'fulcrum_peer_reachable{peer="n3"} 0',
    'fulcrum_peer_round_trip_seconds{peer="n2"} 0.002',
    'fulcrum_peer_clock_offset_seconds{peer="n2"} -0.0015',
    'fulcrum_peer_queued_bytes{peer="n2"} 10',
    'fulcrum_ready 1',
    'fulcrum_peer_phi{peer="n2"} 0.5',
    'fulcrum_peer_silent_seconds{peer="n2"} 0.04',
    'fulcrum_peer_state{peer="n3",state="dead"} 1',
    'fulcrum_peer_state{peer="n3",state="alive"} 0',
    'fulcrum_target_hints{target="n3"} 7',
    'fulcrum_degraded_requests_total{operation="get",level="ALL"} 3',
    'fulcrum_policy{policy="PA/EL"} 1',
    'fulcrum_policy{policy="PC/EC"} 0',
    'fulcrum_policy_epoch 4',
    'fulcrum_policy_settled 1',
    'fulcrum_counterfactual_share 0.01',
    'fulcrum_checked_reads_total{level="ONE",result="stale"} 1',
    'fulcrum_counterfactual_reads_total{level="ONE",result="stale"} 1',
    'fulcrum_counterfactual_reads_total{level="QUORUM",result="fresh"} 1',
    'fulcrum_counterfactual_reads_total{level="ALL",result="unanswered"} 1',
    'fulcrum_counterfactual_replica_reads_total{replica="n2",result="stale"} 1',
    'fulcrum_counterfactual_writes_total{level="QUORUM",result="reached"} 1',
    'fulcrum_counterfactual_writes_total{level="ALL",result="missed"} 1',
    'fulcrum_counterfactual_duration_seconds_bucket{operation="read",level="QUORUM",le="0.001"} 1',
    'fulcrum_counterfactual_duration_seconds_bucket{operation="read",level="ONE",le="0.001"} 0',
    'fulcrum_counterfactual_duration_seconds_bucket{operation="read",level="ONE",le="0.01"} 1',
    'fulcrum_staleness_predicted_ratio{level="ONE"} 0.25',
    'fulcrum_staleness_measured_ratio{level="ONE"} 0.5',
    'fulcrum_staleness_calibration_error_ratio{level="ONE"} 0.375',
    'fulcrum_watchers 2',
    'fulcrum_watchers_dropped_total 1',
  ]) {
    t.true(lines.includes(line), line);
  }
  t.false(lines.some((line) => line.startsWith('fulcrum_peer_round_trip_seconds{peer="n3"}')));
});

test('every scrape reads the numbers anew', async (t) => {
  let forwarded = 1;
  const metrics = createMetrics(() => nodeMetrics({ ...stats, forwarded }, true, []));
  t.regex((await metrics.scrape()).text, /^fulcrum_forwarded_requests_total 1$/m);
  forwarded = 5;
  t.regex((await metrics.scrape()).text, /^fulcrum_forwarded_requests_total 5$/m);
});

test('the process is described too', async (t) => {
  t.regex((await render(() => stats)).join('\n'), /^process_resident_memory_bytes \d+$/m);
});
