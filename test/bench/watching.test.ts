import test from 'ava';
import { BenchCluster } from '../../bench/bench-cluster.js';
import { measureWatching, watchingLines } from '../../bench/watching.js';

test('watched and unwatched slices are measured in turn, and compared pair by pair', async (t) => {
  await using target = await BenchCluster.start({ nodes: 1 });
  const result = await measureWatching(target, { pairs: 3, sliceMs: 400, keys: 50, seed: 1 });
  t.true(result.pairs >= 1 && result.pairs <= 3);
  t.true(result.opsPerSecond.unwatched > 0 && result.opsPerSecond.watched > 0);
  t.true(result.cost < 1);
  t.true(result.cpuMicros === null || result.cpuMicros.watched > 0);
});

test('the cost is told as a share of the throughput', (t) => {
  const lines = watchingLines({
    pairs: 12,
    opsPerSecond: { unwatched: 200_000, watched: 196_000 },
    cpuMicros: { unwatched: 4, watched: 4.08 },
    cost: 0.02,
    costByCpu: 0.0196,
  });
  t.regex(lines.join('\n'), /200,000 ops\/s unwatched, 196,000 watched: 2\.0 % less/);
  t.regex(lines.join('\n'), /4\.00 µs .* 4\.08 watched: 2\.0 % of it/);
});
