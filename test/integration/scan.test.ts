import test, { type ExecutionContext } from 'ava';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { connect, FulcrumError, type Client, type Page, type PageOptions } from '../../src/index.js';
import { untilAnswered } from './calls-through.js';

const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const ODD = ['\u{1f600}', '\ufffd', 'é', 'a', 'ab', '\u{10000}', 'a\u{1f600}', 'a\uffff', '\ud7ff', '\ue000', '\u0001'];
const FILL_ROUNDS_MAX = 10;
/** There throughout. */
const KEPT = [...Array.from({ length: 1_500 }, (_, index) => `kept-${index}`), ...ODD].sort(inBytes);

async function start(t: ExecutionContext, nodes = 3): Promise<{ cluster: LocalCluster; client: Client }> {
  const cluster = await startCluster({ nodes });
  t.teardown(() => cluster.stop());
  return { cluster, client: await cluster.connect() };
}

/** What a stalling machine did not let it write is written again: the same value under the same key. */
async function fill(client: Client, keys: readonly string[]): Promise<void> {
  let unwritten = keys;
  for (let round = 1; unwritten.length > 0; round += 1) {
    const entries = await client.putMany(
      unwritten.map((key) => ({ key, value: key })),
      { timeoutMs: 30_000 },
    );
    for (const { ok, error } of entries) if (!ok && round === FILL_ROUNDS_MAX) throw error;
    unwritten = entries.filter(({ ok }) => !ok).map(({ key }) => key);
  }
}

async function scanned(client: Client, options: Parameters<Client['scan']>[0] = {}): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key, value } of client.scan({ timeoutMs: 30_000, ...options })) {
    if (value !== key) throw new Error(`${key} came with the value of ${String(value)}`);
    keys.push(key);
  }
  return keys;
}

/** Puts and deletes keys that lie between those that stay, and writes these again, until it is stopped. */
class Traffic {
  writes = 0;
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(private readonly client: Client) {
    this.#done = Promise.all([0, 1, 2, 3].map((lane) => this.#run(lane))).then(() => undefined);
  }

  async stop(): Promise<number> {
    this.#stopped = true;
    await this.#done;
    return this.writes;
  }

  async #run(lane: number): Promise<void> {
    for (let i = 0; !this.#stopped; i += 1) {
      const passing = `kept-${(i * 7 + lane) % 1_500}-passing`;
      const kept = KEPT[(i * 13 + lane) % KEPT.length]!;
      try {
        await (i % 2 === 0 ? this.client.put(passing, passing) : this.client.delete(passing));
        await this.client.put(kept, kept);
        this.writes += 2;
      } catch (error) {
        // A node was killed under it: what became of this write does not matter here.
        if (!(error instanceof FulcrumError)) throw error;
      }
    }
  }
}

function checkOnce(t: ExecutionContext, found: readonly string[], reverse = false): void {
  t.true(
    found.every(
      (key, index) => index === 0 || (reverse ? inBytes(key, found[index - 1]!) : inBytes(found[index - 1]!, key)) < 0,
    ),
    'in order, and none twice',
  );
  const seen = new Set(found);
  t.deepEqual(
    KEPT.filter((key) => !seen.has(key)),
    [],
    'missing',
  );
}

test.serial('scans give each key once in byte order while others write, and through the death of a node', async (t) => {
  const { cluster, client } = await start(t);
  await fill(client, KEPT);
  t.deepEqual(await scanned(client), KEPT);
  t.deepEqual(await scanned(client, { reverse: true }), [...KEPT].reverse());

  const traffic = new Traffic(await cluster.connect());
  for (const reverse of [false, true]) checkOnce(t, await scanned(client, { reverse }), reverse);
  const found: string[] = [];
  for await (const { key } of client.scan({ timeoutMs: 30_000 })) {
    found.push(key);
    if (found.length === 700) await cluster.kill('n2');
  }
  checkOnce(t, found);
  checkOnce(t, await scanned(client, { reverse: true }), true);
  t.log(`${await traffic.stop()} writes meanwhile`);
});

test.serial('a cursor goes on at another client, over a restart of every node, and beyond a killed one', async (t) => {
  const { cluster, client } = await start(t);
  await fill(client, KEPT);
  const keys: string[] = [];
  let page: Page = await client.page({ limit: 300 });
  keys.push(...page.items.map(({ key }) => key));
  for (const { id } of cluster.nodes) await cluster.restart(id);
  await cluster.kill('n1');
  for (let through = 0; page.pagination.nextCursor !== undefined; through += 1) {
    const other = await connect({ nodes: [cluster.addresses[1 + (through % 2)]!] });
    t.teardown(() => other.close());
    page = await other.page({ limit: 300, cursor: page.pagination.nextCursor, timeoutMs: 30_000 });
    keys.push(...page.items.map(({ key }) => key));
  }
  t.deepEqual(keys, KEPT);
});

test.serial(
  'with two of three nodes killed a scan at QUORUM fails and names them, and goes on when one is back',
  async (t) => {
    const { cluster, client } = await start(t);
    await fill(client, KEPT.slice(0, 200));
    const first = await client.page({ limit: 20 });
    await Promise.all([cluster.kill('n1'), cluster.kill('n3')]);
    const error = await t.throwsAsync(client.page({ limit: 20, cursor: first.pagination.nextCursor }), {
      instanceOf: FulcrumError,
    });
    t.is(error.code, 'UNAVAILABLE', error.message);
    t.true(error.definite);
    t.deepEqual([...(error.missing ?? [])].sort(), ['n1', 'n3']);
    await cluster.restart('n3');
    const keys = first.items.map(({ key }) => key);
    for (let { nextCursor: cursor } = first.pagination; cursor !== undefined;) {
      const page: Page = await untilAnswered(() => client.page({ limit: 90, cursor }));
      keys.push(...page.items.map(({ key }) => key));
      cursor = page.pagination.nextCursor;
    }
    t.deepEqual(keys, KEPT.slice(0, 200));
  },
);

test.serial('under PA/EL a scan at ONE goes on with one node of three, and finds what has reached it', async (t) => {
  const cluster = await startCluster({ policy: 'PA/EL' });
  t.teardown(() => cluster.stop());
  const client = await cluster.connect();
  for (const key of KEPT.slice(0, 100)) await client.put(key, key, { level: 'ALL' });
  await Promise.all([cluster.kill('n1'), cluster.kill('n3')]);
  t.deepEqual(await untilAnswered(() => scanned(client, { level: 'ONE' })), KEPT.slice(0, 100));
});

test.serial('what was deleted is not found, costs no reads, and pages by offset count what is there', async (t) => {
  const { client } = await start(t);
  const keys = Array.from({ length: 600 }, (_, index) => `d${String(index).padStart(4, '0')}`);
  await fill(client, keys);
  const gone = keys.filter((_, index) => index % 3 !== 0);
  await Promise.all(gone.map((key) => client.delete(key, { timeoutMs: 30_000 })));
  const left = keys.filter((_, index) => index % 3 === 0);
  t.deepEqual(await scanned(client, { prefix: 'd' }), left);
  const at = async (options: PageOptions): Promise<string[]> =>
    (await client.page({ prefix: 'd', ...options })).items.map(({ key }) => key);
  t.deepEqual(await at({ offset: 150, limit: 10 }), left.slice(150, 160));
  t.deepEqual(await at({ offset: 3, limit: 2, reverse: true }), [left.at(-4), left.at(-5)]);
  t.deepEqual(await at({ offset: 1_000 }), []);
});

test.serial('with five nodes and three replicas every key is found, with one of them gone, too', async (t) => {
  const { cluster, client } = await start(t, 5);
  await fill(client, KEPT);
  t.deepEqual(await scanned(client), KEPT);
  await cluster.kill('n4');
  t.deepEqual(await scanned(client), KEPT);
  t.deepEqual(
    await scanned(client, { prefix: 'kept-1', limit: 100 }),
    KEPT.filter((key) => key.startsWith('kept-1')).slice(0, 100),
  );
});
