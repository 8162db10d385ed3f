/** `fulcrum gateway` as a process, in front of a cluster of processes. */
import test from 'ava';
import { startCluster } from '../../cluster/index.js';
import { until, untilAnswered } from './calls-through.js';
import { startGatewayProcess } from './gateway-process.js';
import { RunningCli } from './run-cli.js';

const JSON_BODY = { 'content-type': 'application/json' };

function send(method: string, url: string, value: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method, body: JSON.stringify(value), headers: { ...JSON_BODY, ...headers } });
}

/** Sent again, as whoever keeps the Idempotency-Key may, while the answer is that nobody could tell. */
async function sendUntilAnswered(url: string, value: unknown, key: string): Promise<Response> {
  for (;;) {
    const response = await send('POST', url, value, { 'idempotency-key': `"${key}"` });
    if (response.status < 500) return response;
    await response.text();
  }
}

async function allPages(url: string): Promise<string[]> {
  const keys: string[] = [];
  for (let next: string | undefined = url; next !== undefined;) {
    const response: Response = await fetch(next);
    const { items } = (await response.json()) as { items: { key: string }[] };
    keys.push(...items.map(({ key }) => key));
    const path = /<(.+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    next = path === undefined ? undefined : new URL(path, url).href;
  }
  return keys;
}

test.serial(
  'an order sent several times, through two gateways and past the death of a node, is taken once',
  async (t) => {
    await using cluster = await startCluster();
    const [one, two] = [await startGatewayProcess(t, cluster), await startGatewayProcess(t, cluster)];
    const sendAll = (): Promise<Response[]> =>
      Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          sendUntilAnswered(`${[one, two][index % 2]!.url}/kv/orders/`, { order: index % 10 }, `order-${index % 10}`),
        ),
      );
    const [answers] = await Promise.all([sendAll(), cluster.kill('n2')]);
    t.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
    const places = answers.map(({ headers }) => headers.get('location')!);
    t.is(new Set(places).size, 10);
    for (let index = 10; index < 40; index += 1) t.is(places[index], places[index % 10]);
    t.true(answers.some(({ headers }) => headers.get('idempotency-replayed') === 'true'));

    const other = await sendUntilAnswered(`${two.url}/kv/orders/`, { order: 'another' }, 'order-1');
    t.like([other.status, await other.json()], [422, { code: 'OP_MISMATCH', definite: true }]);

    const client = await cluster.connect();
    const taken = await untilAnswered(() => client.page<{ order: number }>({ prefix: 'orders/' }));
    t.deepEqual(
      taken.items.map(({ value }) => value.order).sort((a, b) => a - b),
      [...Array(10).keys()],
    );
    for (const { cli } of [one, two]) cli.child.kill('SIGTERM');
    t.deepEqual([(await one.cli.finished).code, (await two.cli.finished).code], [0, 0]);
  },
);

test.serial('conditions, pages and the cache hold on a real cluster, also when all of it is away', async (t) => {
  await using cluster = await startCluster();
  const { url } = await startGatewayProcess(t, cluster, '--max-age', '1ms', '--stale-if-error', '1h');
  const created = await send('PUT', `${url}/kv/stock/1`, 10, { 'if-none-match': '*' });
  t.is(created.status, 201);
  t.is((await send('PUT', `${url}/kv/stock/1`, 10, { 'if-none-match': '*' })).status, 412);
  const tag = created.headers.get('etag')!;
  t.is((await send('PUT', `${url}/kv/stock/1`, 9, { 'if-match': tag })).status, 200);
  const lost = await send('PUT', `${url}/kv/stock/1`, 8, { 'if-match': tag });
  t.like([lost.status, await lost.json()], [412, { code: 'CONDITION_FAILED', definite: true }]);
  t.is(await (await fetch(`${url}/kv/stock/1?level=QUORUM`)).json(), 9);

  const keys = Array.from({ length: 25 }, (_, index) => `item/${String(index).padStart(2, '0')}`);
  await Promise.all(keys.map((key) => send('PUT', `${url}/kv/${key}`, key)));
  t.deepEqual(await allPages(`${url}/kv/item/?limit=7`), keys);
  t.deepEqual(await allPages(`${url}/kv/item/?limit=7&offset=0`), keys);
  t.deepEqual(await allPages(`${url}/kv/?from=item/20&limit=3&reverse`), ['stock/1', ...keys.slice(20).reverse()]);

  // Somebody else writes: the next validation sees it.
  const client = await cluster.connect();
  await client.put('stock/1', 7);
  await until(async () => (await (await fetch(`${url}/kv/stock/1`)).json()) === 7);
  await Promise.all(cluster.nodes.map(({ id }) => cluster.kill(id)));
  const kept = await fetch(`${url}/kv/stock/1`);
  t.is(kept.status, 200);
  t.regex(kept.headers.get('cache-status')!, /detail=stale-if-error/);
  t.is(kept.headers.get('fulcrum-guarantee'), 'eventual');
  t.is(await kept.json(), 7);
  const refused = await send('PUT', `${url}/kv/stock/1`, 6);
  t.true([503, 504].includes(refused.status));
  await until(async () => (await fetch(`${url}/readyz`)).status === 503);
});

test.serial('a gateway that cannot listen says why', async (t) => {
  await using cluster = await startCluster({ nodes: 1, replicas: 1 });
  const { url } = await startGatewayProcess(t, cluster);
  const cli = new RunningCli('.', ['gateway', '--cluster', cluster.file, '--port', new URL(url).port]);
  const { code, err } = await cli.finished;
  t.is(code, 3);
  t.regex(err, /The gateway address 127\.0\.0\.1:\d+ is taken by another program/);
});
