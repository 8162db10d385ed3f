import test from 'ava';
import type { Client } from '../../src/index.js';
import { BenchCluster } from '../../bench/bench-cluster.js';
import { KeyPicks } from '../../bench/key-picks.js';
import { KeySpace } from '../../bench/key-space.js';
import { clientOperations, Values } from '../../bench/operations.js';
import { planOf } from '../../bench/plan.js';
import { Suite } from '../../bench/suite.js';
import { workloadNamed } from '../../bench/workloads.js';

test('put-new puts every key once, and none that was loaded, at QUORUM', async (t) => {
  const put: { key: string; options: unknown }[] = [];
  const client = {
    put: (key: string, _value: Uint8Array, options: unknown) => {
      put.push({ key, options });
      return Promise.resolve({});
    },
  } as unknown as Client;
  const keys = new KeyPicks(new KeySpace(10, 100), 'uniform', 1);
  const operations = clientOperations(client, workloadNamed('put-new'), { keys, values: new Values(100, 1), seed: 1 });
  for (let i = 0; i < 50; i += 1) await operations.start();
  t.is(new Set(put.map(({ key }) => key)).size, 50);
  for (const { key, options } of put) {
    t.true(key > 'user-100-00000009', key);
    t.deepEqual(options, { level: 'QUORUM' });
  }
});

test('a second run of put-new finds keys that are new, and the other workloads keep theirs', async (t) => {
  await using target = await BenchCluster.start({ nodes: 1 });
  const watcher = { begins: () => undefined, ended: () => undefined };
  const suite = new Suite(target, { seconds: 0.2, keys: 20, seed: 1 }, watcher);
  const { results, failures } = await suite.run(planOf({ full: false, workloads: ['put-new'], concurrency: [2, 3] }));
  t.deepEqual(failures, []);
  t.is(results.length, 2);
  for (const { measure } of results) {
    t.deepEqual(measure.errors, {});
    t.true(measure.operations > 0);
  }
  const { space, unused } = await target.load(100, 20, 1);
  t.is(space.count, 20);
  // Every put was of a key of its own: at least the counted ones of both runs were taken.
  t.true(unused.count - 20 >= results[0]!.measure.operations + results[1]!.measure.operations);
});
