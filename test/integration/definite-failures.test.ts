/** What the SDK calls definite must be: nothing that failed so ever shows up in the data, whatever happens meanwhile. */
import test, { type ExecutionContext } from 'ava';
import { check, renderVerdicts } from '../../chaos/check.js';
import type { HistoryEvent } from '../../chaos/history.js';
import { recordHistory, type RecordedClient } from '../../chaos/record-history.js';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { FulcrumError, type ClientOptions } from '../../src/index.js';
import { untilAnswered } from './calls-through.js';

const KEYS = Array.from({ length: 6 }, (_, index) => `account/${index}`);

/** Clients that give up early in every way there is. */
const CLIENTS: readonly ClientOptions[] = [
  { name: 'plain' },
  {
    name: 'hasty',
    attemptTimeoutMs: 60,
    timeoutMs: 150,
    hedge: { writes: true, samplesMin: 10 },
    breaker: { callsMin: 5 },
  },
  { name: 'slow', throttle: { ratePerSecond: 40, burst: 5 }, timeoutMs: 250 },
  { name: 'narrow', maxInFlight: 2, maxWaiting: 3, timeoutMs: 400 },
];

/** Each caller's own numbers, so that no two values are alike. */
async function work(
  client: RecordedClient,
  name: string,
  isOver: () => boolean,
  codes: Map<string, number>,
): Promise<void> {
  for (let turn = 0; !isOver(); turn += 1) {
    const key = KEYS[(turn * 7 + name.length) % KEYS.length]!;
    const value = `${name}-${turn}`;
    const giveUp = new AbortController();
    const { signal } = giveUp;
    if (turn % 9 === 0) setTimeout(() => giveUp.abort(), turn % 13);
    try {
      if (turn % 3 === 0) await client.get(key, { level: 'QUORUM', signal });
      else if (turn % 3 === 1) await client.put(key, value, { signal });
      else await client.update(key, () => value, { signal, attempts: 2 });
    } catch (error) {
      if (!(error instanceof FulcrumError)) throw error;
      const kind = `${error.code}${error.definite ? '' : ' (unknown)'}`;
      codes.set(kind, (codes.get(kind) ?? 0) + 1);
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

async function faults(cluster: LocalCluster): Promise<void> {
  await cluster.kill('n1');
  await cluster.pause('n3');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await cluster.resume('n3');
  await cluster.restart('n1');
  await cluster.kill('n2');
  await cluster.kill('n3');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await Promise.all([cluster.restart('n2'), cluster.restart('n3')]);
}

async function recorded(t: ExecutionContext, cluster: LocalCluster, into: HistoryEvent[]): Promise<RecordedClient[]> {
  return Promise.all(
    CLIENTS.map(async (options) => {
      const client = await cluster.connect(options);
      t.teardown(() => client.close());
      return recordHistory(client, { into, process: options.name! });
    }),
  );
}

test.serial('nothing that failed definitely shows up, with nodes killed, frozen and all but one gone', async (t) => {
  const cluster = await startCluster({ nodes: 3, replicas: 3 });
  t.teardown(() => cluster.stop());
  const history: HistoryEvent[] = [];
  const clients = await recorded(t, cluster, history);
  const state = { isOver: false };
  const codes = new Map<string, number>();
  // Two callers each; updates of one client take turns, so that some of them wait.
  const callers = clients.flatMap((client, index) =>
    ['a', 'b'].map((caller) => work(client, `${CLIENTS[index]!.name}-${caller}`, () => state.isOver, codes)),
  );
  try {
    await faults(cluster);
  } finally {
    state.isOver = true;
    await Promise.all(callers);
  }
  for (const key of KEYS) await untilAnswered(() => clients[0]!.get(key, { level: 'QUORUM' }));

  t.log(Object.fromEntries(codes));
  const result = check(history, { replicas: 3 });
  const definite = result.verdicts.find(({ checker }) => checker === 'definite-failures')!;
  t.true(definite.checkedOperations > 20, `only ${definite.checkedOperations} writes failed definitely`);
  t.not(result.verdict, 'invalid', renderVerdicts(result));
  t.is(definite.verdict, 'valid');
});
