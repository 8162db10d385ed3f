import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { check } from '../../chaos/check.js';
import type { HistoryEvent } from '../../chaos/history.js';
import { startChaosCluster, type ChaosCluster } from '../../chaos/index.js';
import { recordHistory } from '../../chaos/record-history.js';
import { FulcrumError, type Client, type Policy, type PolicyStep } from '../../src/index.js';
import { PAUSE_MS, through, until, untilAnswered } from './calls-through.js';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Puts and gets at QUORUM through every node, all in one history, until told to stop. */
class Load {
  readonly history: HistoryEvent[] = [];
  readonly #running: Promise<void>[];
  #stopped = false;

  constructor(clients: readonly Client[]) {
    this.#running = clients.map((client, index) => this.#run(recordHistory(client, { into: this.history }), index));
  }

  /** Until so many more operations have ended. */
  async more(operations: number): Promise<void> {
    const enough = this.history.length + 2 * operations;
    await until(() => this.history.length >= enough);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #run(client: Client, seed: number): Promise<void> {
    for (let turn = seed; !this.#stopped; turn += 1) {
      const key = KEYS[turn % KEYS.length]!;
      const call =
        turn % 2 === 0 ? client.put(key, randomUUID(), { level: 'QUORUM' }) : client.get(key, { level: 'QUORUM' });
      await call.catch((error: unknown) => {
        if (!(error instanceof FulcrumError)) throw error;
        return sleep(PAUSE_MS);
      });
    }
  }
}

async function start(t: ExecutionContext, policy: Policy): Promise<{ cluster: ChaosCluster; load: Load }> {
  const cluster = await startChaosCluster({ policy });
  t.teardown(() => cluster.stop());
  const load = new Load(await Promise.all(cluster.addresses.map((address) => through(t, address))));
  await load.more(60);
  return { cluster, load };
}

test.serial(
  'under load, PA/EL becomes PC/EC: progress is shown, and no receipt claims what it cannot prove',
  async (t) => {
    const { cluster, load } = await start(t, 'PA/EL');
    await cluster.partition('n1 | n2 n3');
    const clients = await Promise.all(cluster.addresses.map((address) => through(t, address)));
    for (let index = 0; index < 40; index += 1) {
      const [minority, majority] = clients;
      await untilAnswered(() => minority!.put(`torn/${index}`, 'minority'));
      await untilAnswered(() => majority!.put(`torn/${index}`, 'majority'));
    }
    await cluster.heal();
    const steps: PolicyStep[] = [];
    const last = await cluster.changePolicy('PC/EC', { onStep: (step) => steps.push(step) });
    t.like(last, { phase: 'done', policy: 'PC/EC', settledShare: 1 });
    t.true(steps.some(({ phase }) => phase === 'settling'));
    await load.more(120);
    await load.stop();
    const result = check(load.history, { replicas: 3 });
    t.is(result.verdict, 'valid', JSON.stringify(result.verdicts.filter(({ verdict }) => verdict !== 'valid')));
    const written = await clients[0]!.put('new', 1);
    t.like(written.receipt, { policy: 'PC/EC', level: 'QUORUM', guarantee: 'linearizable' });
    for (let index = 0; index < 40; index += 1) {
      const reads = clients.map((client) => client.get(`torn/${index}`, { level: 'ONE' }));
      t.is(new Set((await Promise.all(reads)).map(({ version }) => version)).size, 1, `torn/${index}`);
    }
  },
);

test.serial(
  'under load, PC/EC becomes PA/EL at once: clients follow, and what was claimed before stays true',
  async (t) => {
    const { cluster, load } = await start(t, 'PC/EC');
    const client = await cluster.connect();
    const heard: string[] = [];
    client.onEvent((event) => {
      if (event.kind === 'cluster') heard.push(event.policy);
    });
    t.is((await cluster.changePolicy('PA/EL')).phase, 'done');
    await until(async () => {
      await client.get('a', { level: 'ONE' });
      return heard.includes('PA/EL');
    });
    t.like((await client.put('new', 1)).receipt, { policy: 'PA/EL', level: 'ONE', guarantee: 'eventual' });
    await load.more(120);
    t.is((await cluster.changePolicy('PC/EC')).phase, 'done');
    await load.more(120);
    await load.stop();
    const result = check(load.history, { replicas: 3 });
    t.is(result.verdict, 'valid', JSON.stringify(result.verdicts.filter(({ verdict }) => verdict !== 'valid')));
  },
);
