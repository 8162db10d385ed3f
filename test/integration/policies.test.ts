import test, { type ExecutionContext } from 'ava';
import { startChaosCluster, type ChaosCluster } from '../../chaos/index.js';
import { Ring } from '../../src/core/ring.js';
import type { Client, FulcrumError, Policy } from '../../src/index.js';
import { refusal, through, until, untilAnswered, untilMissing } from './calls-through.js';

const N1_ALONE = 'n1 | n2 n3';

interface Sides {
  readonly cluster: ChaosCluster;
  /** Asks n1 only, and n2 only. */
  readonly minority: Client;
  readonly majority: Client;
}

async function start(t: ExecutionContext, policy: Policy): Promise<Sides> {
  const cluster = await startChaosCluster({ policy });
  t.teardown(() => cluster.stop());
  const [n1, n2] = cluster.addresses;
  return { cluster, minority: await through(t, n1!), majority: await through(t, n2!) };
}

/** A cut is noticed within a second or two, not at once. */
async function untilRefused(call: () => Promise<unknown>): Promise<FulcrumError> {
  let outcome: FulcrumError | undefined;
  await until(async () => {
    outcome = await call().then(
      () => undefined,
      (error: unknown) => error as FulcrumError,
    );
    return outcome?.code === 'UNAVAILABLE' && outcome.definite && outcome.missing !== undefined;
  });
  return outcome!;
}

async function agree(t: ExecutionContext, { cluster }: Sides, key: string): Promise<unknown> {
  const clients = await Promise.all(cluster.addresses.map((address) => through(t, address)));
  let value: unknown;
  await until(async () => {
    const read = clients.map((client) => untilAnswered(() => client.get(key, { level: 'ONE' })));
    const versions = new Set((await Promise.all(read)).map(({ version }) => version));
    ({ value } = await read[0]!);
    return versions.size === 1;
  });
  return value;
}

for (const policy of ['PC/EC', 'PC/EL'] as const) {
  test.serial(
    `${policy}: whichever way it is cut off, the side without a majority refuses at once, the other goes on`,
    async (t) => {
      const sides = await start(t, policy);
      for (const cut of [N1_ALONE, 'n2 n3 > n1', 'n1 > n2 n3']) await minorityRefuses(t, sides, policy, cut);
    },
  );
}

async function minorityRefuses(t: ExecutionContext, sides: Sides, policy: Policy, cut: string): Promise<void> {
  const { cluster, minority, majority } = sides;
  const key = `key of ${cut}`;
  await untilAnswered(() => minority.put(key, 'before', { level: 'ALL' }));
  await cluster.partition(cut);
  // What is begun before the cut is noticed may have been applied, so that another key has to do for it.
  const refused = await untilRefused(() => minority.put('warm', 'up'));
  t.deepEqual([...refused.missing!].sort(), ['n2', 'n3'], cut);
  t.is(refused.received, 1, cut);
  for (const level of ['ONE', 'QUORUM', 'ALL'] as const) {
    for (const call of [() => minority.get(key, { level }), () => minority.put(key, 'lost', { level })]) {
      t.like(await refusal(call()), { code: 'UNAVAILABLE', definite: true, received: 1 }, `${cut}, ${level}`);
    }
  }
  const stale = await minority.get(key, { allowStale: true });
  t.deepEqual([stale.value, stale.receipt.guarantee], ['before', 'eventual'], cut);

  const written = await untilAnswered(() => majority.put(key, 'after', { level: 'QUORUM' }));
  t.is(written.receipt.guarantee, policy === 'PC/EC' ? 'linearizable' : 'quorum', cut);
  t.is((await untilAnswered(() => majority.get(key, { level: 'QUORUM' }))).value, 'after', cut);
  await cluster.heal();
  t.is(await agree(t, sides, key), 'after', cut);
  // Under EL a write in order may be listed as possibly unseen: blind writes cannot prove what they knew.
  const { conflicts } = await cluster.conflicts();
  t.deepEqual(
    conflicts.filter(({ certain }) => certain),
    [],
    cut,
  );
}

for (const policy of ['PA/EC', 'PA/EL'] as const) {
  test.serial(
    `${policy}: both sides serve, receipts say what that is worth, and they merge; alone a node goes on`,
    async (t) => {
      const sides = await start(t, policy);
      const { cluster, minority, majority } = sides;
      await minority.put('key', 'before', { level: 'ALL' });
      await cluster.partition(N1_ALONE);
      await untilMissing(2, () => minority.put('warm', 'up', { level: 'QUORUM' }));
      const write = await minority.put('key', 'alone', { level: 'QUORUM' });
      t.like(write.receipt, { policy, degraded: true, guarantee: 'eventual', acks: 1, hinted: 0, rounds: 0 });
      t.deepEqual([...write.receipt.missing].sort(), ['n2', 'n3']);
      const read = await minority.get('key', { level: 'QUORUM' });
      t.is(read.value, 'alone');
      t.like(read.receipt, { degraded: true, guarantee: 'eventual' });
      for (const call of [
        minority.compareAndSet('key', 'mine', { expect: write.version }),
        minority.create('new', 'mine'),
        minority.put('key', 'named', { opId: 'a name', level: 'QUORUM' }),
      ]) {
        const error = await refusal(call);
        t.like(error, { code: 'UNAVAILABLE', definite: true }, error.message);
        t.regex(error.message, /majority/);
      }
      const other = await untilAnswered(() => majority.put('key', 'together', { level: 'QUORUM' }));
      t.like(other.receipt, { degraded: false, guarantee: policy === 'PA/EC' ? 'linearizable' : 'quorum' });
      t.deepEqual([...other.receipt.missing], ['n1']);
      await cluster.heal();
      t.true(['alone', 'together'].includes(String(await agree(t, sides, 'key'))));
      await goesOnWithOnePausedAndTwoKilled(t, sides);
    },
  );
}

async function goesOnWithOnePausedAndTwoKilled(t: ExecutionContext, { cluster, minority }: Sides): Promise<void> {
  await cluster.pause('n3');
  await until(async () => {
    const { receipt } = await untilAnswered(() => minority.put('key', 'one paused', { level: 'QUORUM' }));
    if (receipt.missing.join() !== 'n3') return false;
    // Known to be away when the request began: nobody waited for it.
    t.like(receipt, { acks: 2, degraded: false });
    return true;
  });
  await cluster.kill('n3');
  await cluster.kill('n2');
  await untilMissing(2, () => minority.put('key', 'alone', { level: 'QUORUM' }));
  t.is((await minority.get('key', { level: 'QUORUM' })).value, 'alone');
}

test.serial(
  'PA with five nodes: others keep hinted copies, and hand them over when the home replicas are back',
  async (t) => {
    const cluster = await startChaosCluster({ policy: 'PA/EC', nodes: 5 });
    t.teardown(() => cluster.stop());
    const ids = cluster.nodes.map(({ id }) => id);
    const ring = new Ring({ nodes: ids, replicas: 3 });
    const homes = ring.homeReplicas('key');
    const [first, ...gone] = homes as [string, string, string];
    const client = await through(t, cluster.nodes.find(({ id }) => id === first)!.address);
    await client.put('key', 'before', { level: 'ALL' });
    for (const id of gone) await cluster.kill(id);
    await until(async () => {
      const { receipt } = await untilAnswered(() => client.put('key', 'hinted', { level: 'QUORUM' }));
      if (receipt.hinted < 2) return false;
      t.like(receipt, { degraded: true, guarantee: 'eventual', acks: 1, durableCopies: 1, required: 2 });
      t.deepEqual([...receipt.missing].sort(), [...gone].sort());
      return true;
    });
    const admin = await cluster.admin();
    const kept = async (): Promise<number> => {
      const nodes = await admin.status();
      return nodes.flatMap(({ report }) => report?.peers ?? []).reduce((sum, { hints }) => sum + hints, 0);
    };
    t.true((await kept()) >= 2);
    for (const id of gone) await cluster.restart(id);
    await until(async () => (await kept()) === 0);
    for (const id of gone) {
      const one = await through(t, cluster.nodes.find((node) => node.id === id)!.address);
      await until(async () => (await untilAnswered(() => one.get('key', { level: 'ONE' }))).value === 'hinted');
    }
    t.pass();
  },
);
