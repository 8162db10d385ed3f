import test from 'ava';
import { edgeLines, measureEdge, WAYS } from '../../bench/edge.js';

test('reads over HTTP are measured each way, and nothing fails or is wrong', async (t) => {
  const costs = await measureEdge({ keys: 50, seconds: 0.3, seed: 1 });
  t.true(costs.ceilingOpsPerSecond > 0);
  t.deepEqual(
    costs.rows.map(({ way, valueBytes }) => [way, valueBytes]),
    [100, 16_384].flatMap((bytes) => WAYS.map((way) => [way, bytes])),
  );
  for (const { measured } of costs.rows) {
    t.true(measured.operations > 0);
    t.deepEqual(measured.errors, {});
  }
  t.regex(edgeLines(costs).join('\n'), /\| given \| 100 \|.*\n\| validated \| 100 \|.*\n\| fetched \| 100 \|/);
});
