/** What the gateway takes, refuses and tells of itself. */
import { request as httpRequest } from 'node:http';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import test from 'ava';
import { pumped, served, type Served } from './gateway-rig.js';

test('what is written here is read here at once, as JSON, text or bytes', async (t) => {
  const { ask } = await served(t);
  const put = (path: string, type: string | undefined, body: string): Promise<Response> =>
    ask(path, { method: 'PUT', body: Buffer.from(body), headers: type === undefined ? {} : { 'content-type': type } });
  const json = await put(
    '/kv/j',
    'application/json; charset=utf-8',
    '{"n":1,"at":{"$date":"2026-01-02T03:04:05.000Z"}}',
  );
  t.is(json.status, 200);
  t.like(await json.json(), { key: 'j', receipt: { guarantee: 'linearizable' } });
  const read = await ask('/kv/j');
  t.deepEqual(await read.json(), { n: 1, at: { $date: '2026-01-02T03:04:05.000Z' } });
  t.is(read.headers.get('etag'), json.headers.get('etag'));
  await put('/kv/t', 'text/plain', 'words');
  t.is(await (await ask('/kv/t')).json(), 'words');
  await put('/kv/b', undefined, '\0bytes');
  t.is(await (await ask('/kv/b')).text(), '\0bytes');
  t.is((await ask('/kv/b', { method: 'DELETE' })).status, 200);
  t.is((await ask('/kv/b')).status, 404);
});

test('what makes no sense is refused with the reason, and nothing is sent', async (t) => {
  const { ask, cluster } = await served(t);
  const refused = async (path: string, init: RequestInit, code: number): Promise<void> => {
    const response = await ask(path, init);
    t.is(response.status, code, path);
    t.is(response.headers.get('content-type'), 'application/problem+json');
  };
  await refused('/kv/k', { method: 'PUT', body: '{', headers: { 'content-type': 'application/json' } }, 400);
  await refused('/kv/k', { method: 'PUT', body: Buffer.from([0xff]), headers: { 'content-type': 'text/plain' } }, 400);
  await refused('/kv/k', { method: 'PUT', body: 'v', headers: { 'if-match': '*' } }, 400);
  await refused('/kv/k?ttlMs=soon', { method: 'PUT', body: 'v' }, 400);
  await refused('/kv/k?ttl=60', { method: 'PUT', body: 'v' }, 400);
  await refused('/kv/k?ttlMs=60', { method: 'DELETE' }, 400);
  await refused('/kv/k?lvl=ALL', {}, 400);
  await refused('/kv/%ff', {}, 400);
  await refused(`/kv/${'k'.repeat(1_025)}`, {}, 400);
  await refused('/kv/k', { method: 'PATCH', body: 'v' }, 405);
  await refused('/kv/dir/', { method: 'PUT', body: 'v' }, 405);
  await refused('/kv/dir/?limmit=3', {}, 400);
  await refused('/elsewhere', {}, 404);
  await refused('/kv/k', { method: 'PUT', body: 'v', headers: { origin: 'https://evil.example' } }, 403);
  await refused('/kv/k', { method: 'PUT', body: Buffer.alloc(1024 * 1024 + 1) }, 400);
  await refused('/kv/k', { method: 'PUT', body: Buffer.alloc(2 * 1024 * 1024 + 1) }, 413);
  t.is(cluster.received.filter(({ request }) => request.kind === 'mutate').length, 0);
});

test('a request under a foreign name is refused, also for looking', async (t) => {
  const { gateway } = await served(t);
  const code = await new Promise((resolve, reject) => {
    httpRequest(
      { host: '127.0.0.1', port: gateway.port, path: '/cache', headers: { host: 'evil.example' } },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    )
      .once('error', reject)
      .end();
  });
  t.is(code, 421);
});

test('HEAD says what GET would, without the body', async (t) => {
  const { ask, registers } = await served(t);
  registers.store('k', Buffer.from('value'));
  const head = await ask('/kv/k', { method: 'HEAD' });
  t.deepEqual([head.status, await head.text(), head.headers.get('content-length')], [200, '', '5']);
});

test('the report, the page and the metrics tell of the same lookups, and the page takes no key for markup', async (t) => {
  const { ask, registers, collected } = await served(t);
  const key = '<script>alert(1)</script>/x';
  registers.store(key, Buffer.from('12345'));
  for (let index = 0; index < 4; index += 1) await ask(`/kv/${encodeURIComponent(key)}`);
  const report = (await (await ask('/cache')).json()) as object;
  t.like(report, { freshMs: 10_000, hitRatio: 0.75, bytes: 20, bytesSaved: 15, held: { entries: 1 } });
  const page = await ask('/');
  const html = await page.text();
  t.true(html.includes('75.0 %'));
  t.false(html.includes('<script'));
  t.true(html.includes('&#60;script&#62;'));
  t.regex(page.headers.get('content-security-policy')!, /default-src 'none'/);
  const lookups = collected().find(({ name }) => name === 'fulcrum_edge_lookups_total');
  t.true(
    lookups?.kind === 'counter' &&
      lookups.samples.some(({ labels, value }) => labels['outcome'] === 'hit' && value === 3),
  );
  t.is((await ask('/metrics')).status, 200);
});

test("an asker that goes away takes its own question along, and nobody else's", async (t) => {
  const here = await served(t);
  const { cluster, registers, ask } = here;
  registers.store('k', Buffer.from('v'));
  const { script } = cluster;
  cluster.script = () => undefined;
  const gone = new AbortController();
  const leaving = fetch(`${here.url}/kv/k`, { signal: gone.signal }).catch((error: unknown) => error);
  const staying = fetch(`${here.url}/kv/k`);
  await untilAsked(here);
  gone.abort();
  t.like(await leaving, { name: 'AbortError' });
  const failures = async (): Promise<number> =>
    ((await (await ask('/cache')).json()) as { lookups: { failed: number } }).lookups.failed;
  while ((await failures()) === 0) await turnOfTheLoop();
  cluster.script = script;
  for (const { pipe, sent, request } of cluster.received) pipe.answer(sent, registers.answer(request)!);
  t.is(await (await pumped(here, staying)).text(), 'v');
  t.is(await failures(), 1);
});

/** Something has reached the cluster. */
async function untilAsked({ clock, cluster }: Served): Promise<void> {
  while (cluster.received.length === 0) {
    await clock.turn();
    await turnOfTheLoop();
  }
}

test('/readyz says which nodes it reaches', async (t) => {
  const { ask } = await served(t);
  const ready = await ask('/readyz');
  t.is(ready.status, 200);
  t.like(await ready.json(), { ready: true });
});

test('an answer under way is given before it closes; later ones are not taken', async (t) => {
  const here = await served(t);
  const { cluster, registers, url } = here;
  registers.store('k', Buffer.from('v'));
  cluster.script = () => undefined;
  const answer = fetch(`${url}/kv/k`);
  await untilAsked(here);
  const closed = here.gateway.close();
  for (const { pipe, sent, request } of cluster.received) pipe.answer(sent, registers.answer(request)!);
  t.is(await (await pumped(here, answer)).text(), 'v');
  await closed;
  await t.throwsAsync(fetch(`${url}/kv/k`));
});
