import test from 'ava';
import { liveCostLines, measureLiveCost } from '../../bench/live-cost.js';

test('a cluster that is watched and samples is measured beside one that is not', async (t) => {
  const options = { seconds: 1.5, keys: 50, seed: 1, nodes: 1, replicas: undefined, policy: undefined };
  const { perSecond, sampledPerSecond, coreShare, cost } = await measureLiveCost(options, 2);
  t.true(perSecond > 0);
  t.true(sampledPerSecond > 0);
  const { plain, watched } = coreShare;
  if (plain !== null && watched !== null) t.true(plain >= 0 && watched >= 0 && Math.abs(cost!) < 1);
});

test('the cost is told with what chance does', (t) => {
  const lines = liveCostLines({
    rounds: 10,
    seconds: 2,
    perSecond: 120,
    sampledPerSecond: 119.6,
    coreShare: { plain: 0.05, watched: 0.0612 },
    cost: 0.0111,
    spread: 0.002,
  });
  t.is(lines.at(-1), 'A node takes 5.00 % of a core, a watched one 6.12 %: 1.11 % of a core more (± 0.20 %).');
  t.regex(lines.join('\n'), /samples as much as it may: 120 requests a second/);
});
