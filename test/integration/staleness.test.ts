/** A real cluster with a slow link: what the replica behind it misses is seen, and was to be expected. */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { startChaosCluster } from '../../chaos/index.js';
import { waitUntil } from '../../cluster/wait.js';
import type { LiveSample } from '../../src/core/live-sample.js';
import { watchNode } from '../../src/adapters/live-watch.js';
import { connect } from '../../src/index.js';

const WAIT_MS = 90_000;
const SLOW_MS = 150;
/** Nodes remember the last 8 acknowledged writes of a key: together they have to span more than the link is slow. */
const BETWEEN_WRITES_MS = 40;

test('a replica behind a slow link is stale at ONE, by as much as the link is slow, and that is predicted', async (t) => {
  await using cluster = await startChaosCluster({ policy: 'PA/EL', counterfactuals: 1 });
  const clientOf = async (index: number) => {
    const client = await connect({ nodes: [cluster.nodes[index]!.address], discover: false, breaker: false });
    t.teardown(() => client.close());
    return client;
  };
  const [writer, reader] = [await clientOf(0), await clientOf(2)];
  await writer.put('key', 'first', { level: 'ALL' });
  await cluster.latency('n1', 'n3', SLOW_MS);

  const samples: LiveSample[] = [];
  const address = cluster.nodes[2]!.address;
  const end = watchNode(address, { onSample: (sample) => samples.push(sample), onEnd: () => undefined });
  t.teardown(end);
  const load = { isOver: false };
  const lanes = [
    (async () => {
      for (let index = 0; !load.isOver; index += 1) {
        await writer.put('key', `value ${index}`, { level: 'ONE' });
        await sleep(BETWEEN_WRITES_MS);
      }
    })(),
    (async () => {
      while (!load.isOver) await reader.get('key', { level: 'ONE' });
    })(),
  ];
  const shows = (what: (sample: LiveSample) => boolean): Promise<boolean> =>
    waitUntil(() => samples.some(what), WAIT_MS);

  try {
    t.true(await shows(({ levels }) => levels[0]!.reads.stale > 0), 'answers at ONE are stale');
    const behind = ({ counterfactual }: LiveSample): boolean => {
      const { stale, versionsBehind, msBehind } = counterfactual.levels[0]!.reads;
      return stale >= 20 && versionsBehind.mean! >= 1 && msBehind.mean! > SLOW_MS / 2;
    };
    t.true(await shows(behind), 'and behind by versions and by time');
    const others = ({ counterfactual }: LiveSample): boolean => {
      const shareOf = (node: string): number | undefined =>
        counterfactual.replicas.find((one) => one.node === node)?.reads.staleShare;
      return Number(shareOf('n3')) > Number(shareOf('n1'));
    };
    t.true(await shows(others), 'the writer would have given a fresher answer');
    const expected = ({ staleness: [one] }: LiveSample): boolean =>
      one!.reads >= 20 && Number(one!.predicted) > 0.5 && Number(one!.measured) > 0.5;
    t.true(await shows(expected), 'it was predicted, and measured');
  } finally {
    load.isOver = true;
    await Promise.all(lanes);
  }
});
