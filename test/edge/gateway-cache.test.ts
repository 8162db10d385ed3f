/** How old what the gateway gives may be, and what it says about it. */
import test from 'ava';
import { errorReply } from '../client/fake-cluster.js';
import { pumped, served } from './gateway-rig.js';

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
  t.regex(status(await with_('min-fresh=7')), /; fwd=request; fwd-status=304; stored;/);
  await clock.pass(15_000);
  t.regex(status(await with_('max-stale=5')), /hit; ttl=-5/);
  t.is((await with_('only-if-cached')).status, 504);
  t.is(gets(), 2);
  const bypass = await with_('no-store');
  t.is(status(bypass), 'fulcrum; fwd=request');
  t.is(gets(), 3);
});

test('only-if-cached asks nobody, neither at once nor behind the answer', async (t) => {
  const { ask, registers, gets, clock } = await served(t, { refreshMs: 30_000 });
  registers.store('k', Buffer.from('v'));
  await ask('/kv/k');
  await clock.pass(15_000);
  for (const cacheControl of ['only-if-cached', 'only-if-cached, no-store']) {
    const kept = await ask('/kv/k', { headers: { 'cache-control': cacheControl } });
    t.deepEqual([kept.status, await kept.text(), status(kept)], [200, 'v', 'fulcrum; hit; ttl=-5']);
  }
  await clock.turn();
  t.is(gets(), 1);
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
  const here = await served(t, { fallbackMs: 60_000 });
  const { ask, registers, cluster, clock } = here;
  registers.store('k', Buffer.from('v'));
  await ask('/kv/k');
  cluster.script = () => errorReply('UNAVAILABLE', { required: 2, received: 1, missing: ['n2', 'n3'] });
  await clock.pass(30_000);
  // Retries wait; so time has to pass as well.
  const old = await pumped(here, ask('/kv/k'), 10);
  t.regex(status(old), /^fulcrum; hit; detail=stale-if-error; ttl=-2\d$/);
  t.is(old.headers.get('fulcrum-guarantee'), 'eventual');
  await clock.pass(60_000);
  const failed = await pumped(here, ask('/kv/k'), 10);
  t.is(failed.status, 503);
  t.is(failed.headers.get('content-type'), 'application/problem+json');
  t.is(failed.headers.get('retry-after'), '1');
  t.like(await failed.json(), { status: 503, code: 'UNAVAILABLE', definite: true, missing: ['n2', 'n3'] });
});

test('absence is cached, and told as a problem', async (t) => {
  const { ask, gets } = await served(t);
  const absent = await ask('/kv/nothing');
  t.is(absent.status, 404);
  t.like(await absent.json(), { code: 'NOT_FOUND', definite: true });
  t.regex(status(await ask('/kv/nothing')), /hit/);
  t.is(gets(), 1);
});
