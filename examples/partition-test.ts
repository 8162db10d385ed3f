/**
 * A test of your own that survives a partition: a bank's transfers go on while one node is cut off from the others, and
 * what every client was told is recorded and judged afterwards. The links are really cut, by a proxy in each of them.
 *
 *   npm run example partition-test
 */
import assert from 'node:assert/strict';
import { connect, FulcrumError, type Client } from 'fulcrum-kv';
import { check, startChaosCluster } from 'fulcrum-kv/chaos';

const ACCOUNT = 'account/ann';
const WRITERS = 3;

type Event = Parameters<typeof check>[0][number];
const history: Event[] = [];
const startedMs = performance.now();

/** One client that adds to the account, knowing one node only, until it is told to stop. */
async function work(name: string, client: Client, until: () => boolean): Promise<number> {
  let done = 0;
  for (let turn = 0; !until(); turn += 1) {
    const head = { process: name, key: ACCOUNT } as const;
    const now = (): number => performance.now() - startedMs;
    const value = `${name}/${turn}`;
    history.push({ ...head, type: 'invoke', time: now(), kind: 'put', value });
    try {
      const { version, receipt } = await client.put(ACCOUNT, value, { timeoutMs: 1_000 });
      history.push({ ...head, type: 'ok', time: now(), kind: 'put', version, receipt });
      done += 1;
    } catch (error) {
      if (!(error instanceof FulcrumError)) throw error;
      // `definite`: it certainly did not happen. The checker holds the SDK to that.
      const type = error.definite ? 'fail' : 'unknown';
      history.push({ ...head, type, time: now(), kind: 'put', code: error.code });
    }
    history.push({ ...head, type: 'invoke', time: now(), kind: 'get' });
    try {
      const { version, receipt, value: read } = await client.get<string>(ACCOUNT, { timeoutMs: 1_000 });
      const seen = version === undefined ? {} : { version };
      history.push({ ...head, type: 'ok', time: now(), kind: 'get', value: read ?? null, ...seen, receipt });
    } catch (error) {
      if (!(error instanceof FulcrumError)) throw error;
      history.push({ ...head, type: 'fail', time: now(), kind: 'get', code: error.code });
    }
  }
  return done;
}

/** Resolves once the node behind this client refuses, or serves again. */
async function untilItServes(client: Client, serves: boolean): Promise<void> {
  for (;;) {
    const isServing = await client.get(ACCOUNT, { timeoutMs: 1_000 }).then(
      () => true,
      () => false,
    );
    if (isServing === serves) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

await using cluster = await startChaosCluster({ nodes: 3, policy: 'PC/EC' });
const alone = (address: string): Promise<Client> => connect({ nodes: [address], discover: false, breaker: false });
const clients = await Promise.all(cluster.addresses.slice(0, WRITERS).map(alone));
await clients[0]!.put(ACCOUNT, 'opened', { level: 'ALL' });

let isOver = false;
const workers = clients.map((client, index) => work(`client-${index + 1}`, client, () => isOver));
console.log('three clients write to one account through a node each');

await cluster.partition('n1 | n2 n3');
console.log('n1 is cut off from n2 and n3');
await untilItServes(clients[0]!, false);
console.log('n1 refuses: it cannot know what the others accept');
const during = await clients[1]!.put('during', 'the partition', { timeoutMs: 10_000 });
console.log(`n2 and n3 go on, ${during.receipt.guarantee}, missing ${during.receipt.missing.join()}`);
await cluster.heal();
await untilItServes(clients[0]!, true);
console.log('healed: n1 serves again');
isOver = true;
const written = await Promise.all(workers);

const values = await Promise.all(clients.map(async (client) => (await client.get<string>(ACCOUNT)).value));
assert.equal(new Set(values).size, 1, 'all nodes agree');
const { verdict, operations, outcomes, verdicts } = check(history);
console.log(`${operations} operations: ${outcomes.ok} answered, ${outcomes.fail} refused, ${outcomes.unknown} unknown`);
for (const { checker, verdict: said, checkedOperations } of verdicts) {
  console.log(`  ${checker.padEnd(20)} ${said} (${checkedOperations} operations)`);
}
assert.equal(verdict, 'valid', 'what the clients were told is what a single correct account would have told them');
assert.ok(outcomes.fail + outcomes.unknown > 0, 'the partition was felt');
console.log(`writes acknowledged through n1, n2, n3: ${written.join(', ')}. Nothing was lost and nothing was made up`);
await Promise.all(clients.map((client) => client.close()));
