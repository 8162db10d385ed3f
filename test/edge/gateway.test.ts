/** The gateway over HTTP, in front of a scripted cluster whose time the test lets pass. */
import { request as httpRequest } from 'node:http';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { startGateway } from '../../src/edge/gateway.js';
import type { FreshnessOptions } from '../../src/edge/freshness.js';
import type { ClientOptions } from '../../src/client/options.js';
import type { Log } from '../../src/ports/log.js';
import type { MetricFamily } from '../../src/ports/metrics.js';
import { connected, type Connected } from '../client/connected.js';
import { CorrectRegisters } from '../client/correct-registers.js';
import { errorReply } from '../client/fake-cluster.js';

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

interface Served extends Connected {
  readonly registers: CorrectRegisters;
  readonly port: number;
  readonly collected: () => readonly MetricFamily[];
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  /** Requests for values that reached the cluster. */
  readonly gets: () => number;
}

const AGES = { freshMs: 10_000, refreshMs: 0, fallbackMs: 0 };

async function served(t: ExecutionContext, given: Partial<FreshnessOptions & ClientOptions> = {}): Promise<Served> {
  const ages = { ...AGES, ...given };
  const nearCache = {
    maxAgeMs: ages.freshMs,
    staleWhileRevalidateMs: ages.refreshMs,
    fallbackMs: ages.fallbackMs,
  };
  const here = await connected({ nearCache, hedge: false });
  const registers = new CorrectRegisters(here.clock);
  here.cluster.script = (_, request) => registers.answer(request);
  let collect: () => readonly MetricFamily[] = () => [];
  const gateway = await startGateway({
    ...ages,
    client: here.client,
    host: '127.0.0.1',
    port: 0,
    clock: here.clock,
    log,
    metrics: (families) => {
      collect = families;
      return { scrape: () => Promise.resolve({ contentType: 'text/plain', text: 'up 1\n' }) };
    },
  });
  t.teardown(() => gateway.close());
  return {
    ...here,
    registers,
    port: gateway.port,
    collected: () => collect(),
    ask: (path, init) => pumped(here, fetch(`http://127.0.0.1:${gateway.port}${path}`, init)),
    gets: () => here.cluster.received.filter(({ request }) => request.kind === 'get').length,
  };
}

/** Lets the client's turns pass, and no time, until the answer is there. */
async function pumped<T>({ clock }: Connected, answer: Promise<T>): Promise<T> {
  const state = { isThere: false };
  const end = (): void => void (state.isThere = true);
  answer.then(end, end);
  while (!state.isThere) {
    await clock.turn();
    await turnOfTheLoop();
  }
  return answer;
}

const status = (response: Response): string => response.headers.get('cache-status') ?? '';

test('a value is fetched once, then given with its age until it is no longer fresh, then validated by its version', async (t) => {
  const { ask, registers, gets, clock } = await served(t);
  registers.store('user/1', Buffer.from('one'));
  const first = await ask('/kv/user/1');
  t.is(first.status, 200);
  t.is(await first.text(), 'one');
  t.is(status(first), 'fulcrum; fwd=uri-miss; stored; ttl=10');
  t.is(first.headers.get('content-type'), 'application/octet-stream');
  t.is(first.headers.get('cache-control'), 'public, max-age=10');
  t.is(first.headers.get('fulcrum-guarantee'), 'linearizable');
  await clock.pass(4_000);
  const hit = await ask('/kv/user%2F1');
  t.deepEqual([await hit.text(), hit.headers.get('age'), status(hit)], ['one', '4', 'fulcrum; hit; ttl=6']);
  t.is(hit.headers.get('fulcrum-guarantee'), 'eventual');
  t.is(hit.headers.get('etag'), first.headers.get('etag'));
  t.is(gets(), 1);
  await clock.pass(7_000);
  const again = await ask('/kv/user/1');
  t.deepEqual([await again.text(), again.headers.get('age')], ['one', '0']);
  t.is(status(again), 'fulcrum; fwd=stale; fwd-status=304; stored; ttl=10');
  registers.store('user/1', Buffer.from('two'));
  await clock.pass(11_000);
  const changed = await ask('/kv/user/1');
  t.deepEqual([await changed.text(), status(changed)], ['two', 'fulcrum; fwd=stale; fwd-status=200; stored; ttl=10']);
  t.not(changed.headers.get('etag'), first.headers.get('etag'));
});

test('an asker that has the value already gets none', async (t) => {
  const { ask, registers, clock } = await served(t);
  registers.store('k', Buffer.from('v'));
  await clock.pass(5_000);
  const first = await ask('/kv/k');
  const tag = first.headers.get('etag')!;
  const same = await ask('/kv/k', { headers: { 'if-none-match': `"x", ${tag}` } });
  t.deepEqual([same.status, await same.text(), same.headers.get('etag')], [304, '', tag]);
  t.is(same.headers.get('content-length'), null);
  const modified = first.headers.get('last-modified')!;
  const since = await ask('/kv/k', { headers: { 'if-modified-since': modified } });
  t.is(since.status, 304);
  registers.store('k', Buffer.from('w'));
  const other = await ask('/kv/k', { headers: { 'if-none-match': tag, 'cache-control': 'no-cache' } });
  t.deepEqual([other.status, await other.text()], [200, 'w']);
});

test('a named level is a question to the cluster, and its answer is not to be kept without asking again', async (t) => {
  const { ask, registers, gets } = await served(t);
  registers.store('k', Buffer.from('v'));
  await ask('/kv/k');
  const quorum = await ask('/kv/k?level=quorum');
  t.is(quorum.headers.get('fulcrum-guarantee'), 'linearizable');
  t.is(quorum.headers.get('cache-control'), 'no-cache');
  t.is(gets(), 2);
  t.is((await ask('/kv/k?level=MOST')).status, 400);
});

test('a request decides how old its answer may be, and whether anybody is asked', async (t) => {
  const { ask, registers, gets, clock } = await served(t);
  const with_ = (cacheControl: string): Promise<Response> =>
    ask('/kv/k', { headers: { 'cache-control': cacheControl } });
  registers.store('k', Buffer.from('v'));
  t.is((await with_('only-if-cached')).status, 504);
  t.is(gets(), 0);
  await ask('/kv/k');
  await clock.pass(4_000);
  t.is((await with_('only-if-cached')).status, 200);
  t.regex(status(await with_('max-age=5')), /hit/);
  t.regex(status(await with_('min-fresh=7')), /fwd-status=304/);
  await clock.pass(15_000);
  t.regex(status(await with_('max-stale=5')), /hit; ttl=-5/);
  t.is((await with_('only-if-cached')).status, 504);
  t.is(gets(), 2);
  const bypass = await with_('no-store');
  t.is(status(bypass), 'fulcrum; fwd=request');
  t.is(gets(), 3);
});

test('where it was allowed an old value is given at once, and asked for again behind the answer', async (t) => {
  const { ask, registers, clock } = await served(t, { refreshMs: 30_000 });
  registers.store('k', Buffer.from('v'));
  await ask('/kv/k');
  registers.store('k', Buffer.from('w'));
  await clock.pass(15_000);
  const old = await ask('/kv/k');
  t.deepEqual([await old.text(), old.headers.get('age')], ['v', '15']);
  t.is(status(old), 'fulcrum; hit; detail=stale-while-revalidate; ttl=-5');
  t.is(old.headers.get('cache-control'), 'public, max-age=10, stale-while-revalidate=30');
  await clock.turn();
  t.is(await (await ask('/kv/k')).text(), 'w');
});

test('where the cluster cannot answer, an old value is given as long as was allowed, then the reason', async (t) => {
  const { ask, registers, cluster, clock } = await served(t, { fallbackMs: 60_000 });
  registers.store('k', Buffer.from('v'));
  await ask('/kv/k');
  cluster.script = () => errorReply('UNAVAILABLE', { required: 2, received: 1, missing: ['n2', 'n3'] });
  await clock.pass(30_000);
  const answer = ask('/kv/k');
  const old = await settledWhile(clock, answer);
  t.regex(status(old), /^fulcrum; hit; detail=stale-if-error; ttl=-2\d$/);
  t.is(old.headers.get('fulcrum-guarantee'), 'eventual');
  await clock.pass(60_000);
  const failed = await settledWhile(clock, ask('/kv/k'));
  t.is(failed.status, 503);
  t.is(failed.headers.get('content-type'), 'application/problem+json');
  t.is(failed.headers.get('retry-after'), '1');
  t.like(await failed.json(), { status: 503, code: 'UNAVAILABLE', definite: true, missing: ['n2', 'n3'] });
});

/** Retries wait; so time has to pass as well. */
async function settledWhile<T>(clock: Connected['clock'], answer: Promise<T>): Promise<T> {
  const state = { isThere: false };
  const end = (): void => void (state.isThere = true);
  answer.then(end, end);
  while (!state.isThere) {
    await clock.pass(10);
    await turnOfTheLoop();
  }
  return answer;
}

test('absence is cached, and told as a problem', async (t) => {
  const { ask, gets } = await served(t);
  const absent = await ask('/kv/nothing');
  t.is(absent.status, 404);
  t.like(await absent.json(), { code: 'NOT_FOUND', definite: true });
  t.regex(status(await ask('/kv/nothing')), /hit/);
  t.is(gets(), 1);
});

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
  const { port } = await served(t);
  const code = await new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path: '/cache', headers: { host: 'evil.example' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
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
  const { port, clock, cluster, registers, ask } = await served(t);
  registers.store('k', Buffer.from('v'));
  const { script } = cluster;
  cluster.script = () => undefined;
  const gone = new AbortController();
  const url = `http://127.0.0.1:${port}/kv/k`;
  const leaving = fetch(url, { signal: gone.signal }).catch((error: unknown) => error);
  const staying = fetch(url);
  const turns = async (isOver: () => boolean): Promise<void> => {
    while (!isOver()) {
      await clock.turn();
      await turnOfTheLoop();
    }
  };
  await turns(() => cluster.received.length > 0);
  gone.abort();
  t.like(await leaving, { name: 'AbortError' });
  const failures = async (): Promise<number> =>
    ((await (await ask('/cache')).json()) as { lookups: { failed: number } }).lookups.failed;
  while ((await failures()) === 0) await turnOfTheLoop();
  cluster.script = script;
  for (const { pipe, sent, request } of cluster.received) pipe.answer(sent, registers.answer(request)!);
  const state = { isOver: false };
  void staying.then(() => (state.isOver = true));
  await turns(() => state.isOver);
  t.is(await (await staying).text(), 'v');
  t.is(await failures(), 1);
});

test('/readyz says which nodes it reaches', async (t) => {
  const { ask } = await served(t);
  const ready = await ask('/readyz');
  t.is(ready.status, 200);
  t.like(await ready.json(), { ready: true });
});

test('an answer under way is given before it closes; later ones are not taken', async (t) => {
  const here = await connected({ nearCache: {}, hedge: false });
  const registers = new CorrectRegisters(here.clock);
  registers.store('k', Buffer.from('v'));
  here.cluster.script = () => undefined;
  const gateway = await startGateway({
    ...AGES,
    client: here.client,
    host: '127.0.0.1',
    port: 0,
    clock: here.clock,
    log,
    metrics: () => ({ scrape: () => Promise.reject(new Error('not asked')) }),
  });
  const url = `http://127.0.0.1:${gateway.port}/kv/k`;
  const answer = fetch(url);
  while (here.cluster.received.length === 0) {
    await here.clock.turn();
    await turnOfTheLoop();
  }
  const closed = gateway.close();
  const [{ pipe, sent, request }] = here.cluster.received as [(typeof here.cluster.received)[number]];
  pipe.answer(sent, registers.answer(request)!);
  t.is(await (await pumped(here, answer)).text(), 'v');
  await closed;
  await t.throwsAsync(fetch(url));
});
