import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import type { MutateResult } from '../../src/index.js';
import { refusal, throughEach, untilAnswered } from './calls-through.js';

const WRITER = fileURLToPath(new URL('./named-writer.js', import.meta.url));
const DUPLICATES = 50;

async function start(t: { teardown: (run: () => Promise<void>) => void }): Promise<LocalCluster> {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  return cluster;
}

async function putInAnotherProcess(
  cluster: LocalCluster,
  key: string,
  value: string,
  opId: string,
): Promise<MutateResult> {
  const args = [WRITER, cluster.addresses.join(','), key, value, opId];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as MutateResult;
}

test.serial(
  'fifty duplicates of a named put through all nodes, while nodes are killed, take effect once',
  async (t) => {
    const cluster = await start(t);
    const [first, second, third] = await throughEach(t, cluster);
    const everyone = await cluster.connect();
    const clients = [first!, second!, third!, everyone];
    const put = (index: number): Promise<MutateResult> =>
      untilAnswered(() => clients[index % 4]!.put('order', 'first', { opId: 'order-1', timeoutMs: 10_000 }));
    const duplicates = Array.from({ length: DUPLICATES }, (_, index) => put(index));

    const faults = (async () => {
      for (const id of ['n2', 'n1']) {
        await cluster.kill(id);
        await cluster.restart(id);
      }
    })();
    // Somebody else writes the key while duplicates are still under way: none of them may undo that.
    await Promise.race(duplicates);
    await untilAnswered(() => everyone.put('order', 'later', { timeoutMs: 10_000 }));
    const results = await Promise.all(duplicates);
    await faults;

    t.deepEqual([...new Set(results.map(({ version }) => version))], [results[0]!.version]);
    t.deepEqual([...new Set(results.map(({ existed }) => existed))], [false]);
    t.true(results.some(({ receipt }) => receipt.replayed));
    const again = await untilAnswered(() => everyone.put('order', 'first', { opId: 'order-1' }));
    t.is(again.version, results[0]!.version);
    t.true(again.receipt.replayed);
    t.is((await untilAnswered(() => everyone.get('order', { level: 'QUORUM' }))).value, 'later');
  },
);

test.serial('two processes put under one name: one effect, one outcome, also when one comes later', async (t) => {
  const cluster = await start(t);
  const client = await cluster.connect();
  const [here, there] = await Promise.all([
    untilAnswered(() => client.put('job', 'done', { opId: 'job-7', timeoutMs: 10_000 })),
    putInAnotherProcess(cluster, 'job', 'done', 'job-7'),
  ]);
  t.is(there.version, here.version);
  t.is(there.existed, here.existed);
  t.deepEqual([here.receipt.replayed, there.receipt.replayed].sort(), [false, true]);

  await client.put('job', 'taken back');
  const late = await putInAnotherProcess(cluster, 'job', 'done', 'job-7');
  t.is(late.version, here.version);
  t.true(late.receipt.replayed);
  t.is((await client.get('job')).value, 'taken back');
});

test.serial(
  'a named write that failed its condition fails for every process, also when it would hold by then',
  async (t) => {
    const cluster = await start(t);
    const [first, second] = await throughEach(t, cluster);
    const there = await first!.put('seat', 'ann');
    const refused = await refusal(first!.create('seat', 'bob', { opId: 'seat-bob' }));
    t.is(refused.code, 'CONDITION_FAILED');
    t.is(refused.currentVersion, there.version);
    await first!.delete('seat');
    const again = await refusal(second!.create('seat', 'bob', { opId: 'seat-bob' }));
    t.is(again.code, 'CONDITION_FAILED');
    t.is(again.currentVersion, there.version);
    t.true(again.receipt?.replayed);
    t.false((await second!.get('seat')).found);
  },
);

test.serial('another value, another key or another kind of write under a used name is OP_MISMATCH', async (t) => {
  const cluster = await start(t);
  const [first, second] = await throughEach(t, cluster);
  const opId = 'x'.repeat(255);
  const { version } = await first!.put('a', 1, { opId });
  for (const call of [
    second!.put('a', 2, { opId }),
    second!.put('b', 1, { opId }),
    second!.put('a', 1, { opId, ttlMs: 60_000 }),
    second!.create('a', 1, { opId }),
    second!.delete('a', { opId }),
  ]) {
    const error = await refusal(call);
    t.is(error.code, 'OP_MISMATCH');
    t.true(error.definite);
  }
  const { value, ...read } = await second!.get('a');
  t.deepEqual([value, read.version], [1, version]);
  t.false((await second!.get('b')).found);
});
