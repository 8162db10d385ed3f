/** A gateway's statistics under the names by which they are scraped. */
import type { CacheStats } from '../client/cache-counters.js';
import type { MetricFamily } from '../ports/metrics.js';
import type { CacheReport } from './cache-analytics.js';
import { counter, counters, gauge, sample } from './metric-families.js';

export function gatewayMetrics(
  report: CacheReport,
  held: CacheStats,
  answers: ReadonlyMap<number, number>,
): readonly MetricFamily[] {
  return [
    counters(
      'fulcrum_edge_lookups_total',
      'Reads of single keys, by what became of them in the edge cache.',
      Object.entries(report.lookups).map(([outcome, count]) => sample(count, { outcome })),
    ),
    counter('fulcrum_edge_body_bytes_total', 'Bytes of bodies of such reads.', report.bytes),
    counter('fulcrum_edge_saved_bytes_total', 'Bytes of values the cluster did not have to send.', report.bytesSaved),
    counters(
      'fulcrum_edge_validations_total',
      'Values that were too old and asked for, by whether they had changed.',
      [false, true].map((changed) => sample(validations(report, changed), { changed: String(changed) })),
    ),
    counter('fulcrum_edge_evicted_total', 'Values dropped for want of room.', held.evicted),
    gauge('fulcrum_edge_held_values', 'Values in the edge cache.', held.entries),
    gauge('fulcrum_edge_held_bytes', 'Bytes in the edge cache.', held.bytes),
    counters(
      'fulcrum_edge_answers_total',
      'Answers of the gateway, by HTTP status.',
      [...answers].map(([status, count]) => sample(count, { status: String(status) })),
    ),
  ];
}

function validations({ ages }: CacheReport, changed: boolean): number {
  return ages.reduce((sum, age) => sum + (changed ? age.changed : age.asked - age.changed), 0);
}
