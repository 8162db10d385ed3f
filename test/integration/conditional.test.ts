import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { FulcrumError, type Client, type Policy } from '../../src/index.js';
import { PAUSE_MS, refusal, throughEach, until, untilAnswered } from './calls-through.js';

async function start(
  t: { teardown: (run: () => Promise<void>) => void },
  policy: Policy = 'PC/EC',
): Promise<LocalCluster> {
  const cluster = await startCluster({ policy });
  t.teardown(() => cluster.stop());
  return cluster;
}

for (const policy of ['PC/EC', 'PA/EL'] as const) {
  test.serial(`${policy}: of many creates through all nodes exactly one wins, the others name it`, async (t) => {
    const clients = await throughEach(t, await start(t, policy));
    const creates = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) => clients[index % 3]!.create('seat', index, { timeoutMs: 10_000 })),
    );
    const winners = creates.flatMap((one, index) => (one.status === 'fulfilled' ? [{ index, ...one.value }] : []));
    t.is(winners.length, 1);
    const [winner] = winners;
    t.like(winner!.receipt, { level: 'QUORUM', guarantee: 'linearizable' });
    for (const one of creates) {
      if (one.status === 'fulfilled') continue;
      const error = one.reason as FulcrumError;
      t.is(error.code, 'CONDITION_FAILED', error.message);
      t.is(error.currentVersion, winner!.version);
    }
    for (const client of clients) {
      t.is((await client.get('seat', { level: 'QUORUM' })).value, winner!.index);
    }
  });

  test.serial(`${policy}: a compare-and-set or delete goes by the version, wherever it was read`, async (t) => {
    const [first, second, third] = await throughEach(t, await start(t, policy));
    const one = await first!.put('k', 'one', { level: 'ALL' });
    const two = await second!.compareAndSet('k', 'two', { expect: one.version });
    const stale = await refusal(third!.compareAndSet('k', 'three', { expect: one.version }));
    t.is(stale.code, 'CONDITION_FAILED');
    t.is(stale.currentVersion, two.version);
    t.is((await refusal(third!.delete('k', { expect: one.version }))).code, 'CONDITION_FAILED');
    t.is((await first!.get('k', { level: 'QUORUM' })).value, 'two');

    t.true((await third!.delete('k', { expect: stale.currentVersion })).existed);
    t.false((await first!.get('k', { level: 'QUORUM' })).found);
    const gone = await refusal(second!.delete('k', { expect: two.version }));
    t.is(gone.currentVersion, 'absent');
    t.false((await second!.compareAndSet('k', 'again', { expect: gone.currentVersion! })).existed);
  });
}

test.serial(
  'a condition needs a majority in every policy: without one it is refused and nothing is done',
  async (t) => {
    const cluster = await start(t, 'PA/EL');
    const client = await cluster.connect();
    const { version } = await client.put('k', 1, { level: 'ALL' });
    await Promise.all([cluster.kill('n2'), cluster.kill('n3')]);
    const error = await refusal(client.compareAndSet('k', 2, { expect: version, timeoutMs: 30_000 }));
    t.true(['UNAVAILABLE', 'TIMEOUT', 'OUTCOME_UNKNOWN'].includes(error.code), error.message);
    await until(async () => {
      const settled = await refusal(client.compareAndSet('k', 2, { expect: version }));
      if (settled.code !== 'UNAVAILABLE') return false;
      t.true(settled.definite);
      return true;
    });
  },
);

/** Increments until told to stop; an increment whose outcome nobody knows counts as that. */
class Incrementer {
  acknowledged = 0;
  unknown = 0;

  constructor(private readonly client: Client) {}

  async run(enough: () => boolean): Promise<void> {
    while (!enough()) {
      try {
        await this.client.update<number>('counter', (n = 0) => n + 1, { attempts: 1_000, timeoutMs: 20_000 });
        this.acknowledged += 1;
      } catch (error) {
        if (!(error instanceof FulcrumError)) throw error;
        if (!error.definite) this.unknown += 1;
        await sleep(PAUSE_MS);
      }
    }
  }
}

test.serial(
  'sixteen callers update one key while each node is restarted: no increment is lost or doubled',
  async (t) => {
    const cluster = await start(t);
    const clients = [...(await throughEach(t, cluster)), await cluster.connect()];
    let faultsAreOver = false;
    const callers = Array.from({ length: 16 }, (_, index) => new Incrementer(clients[index % 4]!));
    const running = callers.map((caller) => caller.run(() => faultsAreOver && caller.acknowledged > 0));
    for (const id of ['n1', 'n2', 'n3']) {
      await cluster.kill(id);
      await cluster.restart(id);
    }
    faultsAreOver = true;
    await Promise.all(running);
    const sum = (pick: (caller: Incrementer) => number): number => callers.reduce((all, one) => all + pick(one), 0);
    const acknowledged = sum((caller) => caller.acknowledged);
    const unknown = sum((caller) => caller.unknown);
    const { value } = await untilAnswered(() => clients[3]!.get<number>('counter', { level: 'QUORUM' }));
    t.log(`${acknowledged} increments acknowledged, ${unknown} unknown, the counter is ${value}`);
    t.true(value! >= acknowledged, 'lost');
    t.true(value! <= acknowledged + unknown, 'doubled');
  },
);
