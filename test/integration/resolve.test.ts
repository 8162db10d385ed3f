import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { connect, type Client, type Resolution } from '../../src/index.js';
import { untilAnswered } from './calls-through.js';

const WRITER = fileURLToPath(new URL('./resolve-writer.js', import.meta.url));

interface Lost {
  readonly version?: string;
  readonly code?: string;
  readonly definite?: boolean;
  readonly operation?: string;
}

async function start(t: ExecutionContext, policy: 'PC/EC' | 'PA/EL'): Promise<LocalCluster> {
  const cluster = await startCluster({ policy });
  t.teardown(() => cluster.stop());
  return cluster;
}

/** A process puts through one node that stands still meanwhile, tells what it knows, and is killed. */
async function putThenDie(
  cluster: LocalCluster,
  args: readonly string[],
  whilePaused: readonly string[],
): Promise<Lost> {
  const child = spawn(process.execPath, [WRITER, cluster.addresses.join(','), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await lines.next();
    for (const id of whilePaused) await cluster.pause(id);
    child.stdin.write('go\n');
    return JSON.parse((await lines.next()).value as string) as Lost;
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    for (const id of whilePaused) await cluster.resume(id);
  }
}

const resolved = (client: Client, key: string, operation: string): Promise<Resolution> =>
  untilAnswered(() => client.resolve(key, operation, { timeoutMs: 10_000 }));

test.serial(
  'another process learns what became of the writes of one that was killed, and nothing happens twice',
  async (t) => {
    const cluster = await start(t, 'PC/EC');
    const client = await cluster.connect();
    const outcomes: string[] = [];
    for (const [index, opId] of ['', 'order-1', '', 'order-2'].entries()) {
      const key = `order/${index}`;
      // Two of three nodes stand still: whatever is sent cannot be answered, and may go on when they run again.
      const lost = await putThenDie(cluster, [key, 'paid', 'QUORUM', opId], ['n2', 'n3']);
      if (lost.definite === true || lost.operation === undefined) {
        t.log(`${key}: ${JSON.stringify(lost)}`);
        continue;
      }
      if (opId !== '') t.is(lost.operation, opId);
      const first = await resolved(client, key, lost.operation);
      outcomes.push(first.outcome);
      const { value, version } = await untilAnswered(() => client.get(key));
      if (first.outcome === 'applied') t.deepEqual([value, version], ['paid', first.version]);
      else t.is(value, undefined, `${key} ${first.outcome}`);
      await client.put(key, 'later');
      const again = await resolved(await connectTo(t, cluster, 'n3'), key, lost.operation);
      t.deepEqual([again.outcome, again.version], [first.outcome, first.version]);
      t.is((await untilAnswered(() => client.get(key))).value, 'later');
    }
    t.true(outcomes.length > 0, 'some answer was lost');
    t.log(outcomes.join(', '));
  },
);

test.serial('an answer that came is confirmed by the name of its operation, from another process', async (t) => {
  const cluster = await start(t, 'PC/EC');
  const client = await cluster.connect();
  const { version } = await putThenDie(cluster, ['k', 'v', 'QUORUM', 'named'], []);
  t.like(await resolved(client, 'k', 'named'), { outcome: 'applied', version });
  t.is((await resolved(client, 'k', 'never')).outcome, 'notApplied');
  const refused = await t.throwsAsync(client.put('k', 'w', { opId: 'never' }));
  t.regex(refused.message, /resolved as not applied/);
  t.is((await client.get('k')).value, 'v');
});

test.serial('under PA/EL a lost write at ONE is settled once all home replicas are there', async (t) => {
  const cluster = await start(t, 'PA/EL');
  const client = await cluster.connect();
  const lost = await putThenDie(cluster, ['k', 'v', 'ONE'], ['n1', 'n2', 'n3']);
  if (lost.operation === undefined || lost.definite === true) return t.log(JSON.stringify(lost));
  const { outcome, version } = await resolved(client, 'k', lost.operation);
  const read = await untilAnswered(() => client.get('k', { level: 'ALL', timeoutMs: 10_000 }));
  if (outcome === 'applied') t.deepEqual([read.value, read.version], ['v', version]);
  else if (outcome === 'notApplied') t.false(read.found);
  t.log(outcome);
  t.pass();
});

async function connectTo(t: ExecutionContext, cluster: LocalCluster, id: string): Promise<Client> {
  const node = cluster.nodes.find((one) => one.id === id)!;
  const client = await connect({ nodes: [node.address] });
  t.teardown(() => client.close());
  return client;
}
