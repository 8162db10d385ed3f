import test from 'ava';
import { confirmed } from '../../chaos/faults/fault.js';
import { clockSkew } from '../../chaos/faults/clock-skew.js';
import { slowDisk, stalledDisk } from '../../chaos/faults/disk.js';
import { powerCut } from '../../chaos/faults/power-cut.js';
import { startChaosCluster } from '../../chaos/chaos-cluster.js';
import { startCluster } from '../../cluster/index.js';
import { chaosState, setClock, setDisk } from '../../src/adapters/chaos-client.js';

test.serial('a node that was not started for chaos refuses every fault and says how to start it', async (t) => {
  const cluster = await startCluster({ nodes: 1 });
  t.teardown(() => cluster.stop());
  const [{ address } = { address: '' }] = cluster.nodes;
  for (const ask of [
    () => chaosState(address),
    () => setClock(address, { offsetMs: 1, driftPpm: 0 }),
    () => setDisk(address, { stalled: true, writeDelayMs: 0 }),
  ]) {
    await t.throwsAsync(ask, { code: 'INVALID_ARGUMENT', message: /not started for chaos.*up --chaos/ });
  }
  const client = await cluster.connect();
  await client.put('k', 'v');
});

test.serial('clock and disk faults take effect, are seen, and are taken back', async (t) => {
  const cluster = await startChaosCluster({ toxiproxy: 'embedded' });
  t.teardown(() => cluster.stop());
  const address = cluster.targets[0]!.address;

  const skew = clockSkew(cluster, 'n1', { offsetMs: 3_600_000, driftPpm: 50_000 });
  await cluster.inject(skew);
  t.true((await chaosState(address)).clockErrorMs >= 3_600_000);
  await skew.heal();
  t.is((await chaosState(address)).clockErrorMs, 0);

  await cluster.inject(slowDisk(cluster, 'n1', 50));
  t.is((await chaosState(address)).writeDelayMs, 50);
  await cluster.inject(stalledDisk(cluster, 'n1'));
  const client = await cluster.connect();
  await client.put('k', 'v', { level: 'QUORUM' });
  await t.throwsAsync(client.put('k', 'w', { level: 'ALL', timeoutMs: 1_500 }));
  t.true((await chaosState(address)).heldWrites > 0);
  await cluster.heal();
  t.deepEqual(await chaosState(address), {
    node: 'n1',
    clockErrorMs: 0,
    driftPpm: 0,
    stalled: false,
    writeDelayMs: 0,
    heldWrites: 0,
  });
  await client.put('k', 'x', { level: 'ALL' });

  await t.throwsAsync(setClock(address, { offsetMs: 1e15, driftPpm: 0 }), { code: 'INVALID_ARGUMENT' });
  await t.throwsAsync(setDisk(address, { stalled: false, writeDelayMs: -1 }), { code: 'INVALID_ARGUMENT' });
  t.throws(() => slowDisk(cluster, 'n7', 1), { code: 'INVALID_ARGUMENT', message: /only n1, n2, n3/ });
});

test.serial('a power cut loses what was on its way to the disk, and nothing that was acknowledged', async (t) => {
  const cluster = await startChaosCluster({ toxiproxy: 'embedded' });
  t.teardown(() => cluster.stop());
  const client = await cluster.connect();
  await client.put('before', 1, { level: 'ALL' });
  const cut = powerCut(cluster, 'n2');
  const writes = Array.from({ length: 40 }, (_, index) => client.put(`during-${index}`, index, { level: 'QUORUM' }));
  const [, ...settled] = await Promise.all([confirmed(cut), ...writes.map((write) => write.catch(() => undefined))]);
  t.false(cluster.nodes[1]!.running);
  await cut.heal();
  await cluster.heal();
  t.is((await client.get('before', { level: 'ALL' })).value, 1);
  const read = await client.getMany(
    writes.map((_, index) => `during-${index}`),
    { level: 'QUORUM' },
  );
  const acknowledged = settled.flatMap((result, index) => (result === undefined ? [] : [index]));
  t.true(acknowledged.length > 0);
  for (const index of acknowledged) t.is(read[index]?.result?.value, index);
});
