import test, { type ExecutionContext } from 'ava';
import type { NearCache } from '../../src/client/near-cache.js';
import type { NearCacheOptions } from '../../src/client/options.js';
import { connected, fails, type Connected } from './connected.js';
import { CorrectRegisters } from './correct-registers.js';
import { errorReply, valueReply } from './fake-cluster.js';

interface Cached extends Connected {
  readonly cache: NearCache;
  /** Somebody else writes. */
  readonly write: (key: string, value: string) => void;
  /** Requests for values that reached the cluster. */
  readonly gets: () => number;
  readonly done: <T>(promise: Promise<T>) => Promise<T>;
}

async function cached(nearCache: NearCacheOptions = {}): Promise<Cached> {
  const here = await connected({ nearCache, hedge: false });
  const registers = new CorrectRegisters(here.clock);
  here.cluster.script = (_, request) => registers.answer(request);
  return {
    ...here,
    cache: here.client.nearCache!,
    write: (key, value) => void registers.store(key, Buffer.from(value)),
    gets: () => here.cluster.received.filter(({ request }) => request.kind === 'get').length,
    done: async (promise) => {
      await here.clock.turn();
      return promise;
    },
  };
}

const textOf = (value: unknown): string => Buffer.from(value as Uint8Array).toString();

test('a value is given without asking while it is young enough, and vouches for nothing', async (t) => {
  const { cache, write, gets, clock, done } = await cached({ maxAgeMs: 500 });
  write('k', 'v');
  const first = await done(cache.get('k'));
  t.deepEqual([first.source, first.ageMs, textOf(first.value)], ['cluster', 0, 'v']);
  await clock.pass(400);
  const hit = await done(cache.get('k'));
  t.deepEqual([hit.source, hit.ageMs, textOf(hit.value), hit.version], ['cache', 400, 'v', first.version]);
  t.like(hit.receipt, { guarantee: 'eventual', acks: 0, replicas: [], durableCopies: 0, level: 'QUORUM' });
  t.is(gets(), 1);
  t.deepEqual(Object.keys(hit), Object.keys(first));
});

test('an older value is revalidated by its version, and has the receipt of the read that found it current', async (t) => {
  const { cache, cluster, write, gets, clock, done } = await cached({ maxAgeMs: 500 });
  write('k', 'v');
  const first = await done(cache.get('k'));
  await clock.pass(501);
  const again = await done(cache.get('k'));
  t.deepEqual([again.source, again.ageMs, textOf(again.value), again.unchanged], ['revalidated', 0, 'v', true]);
  t.is(again.receipt.guarantee, 'linearizable');
  t.truthy((cluster.received.at(-1)!.request as { known?: object }).known);
  write('k', 'w');
  await clock.pass(501);
  const changed = await done(cache.get('k'));
  t.deepEqual([changed.source, textOf(changed.value)], ['cluster', 'w']);
  t.not(changed.version, first.version);
  t.is(gets(), 3);
  t.like(cache.stats, { hits: 0, misses: 1, revalidated: 1, stale: 1, hitRatio: 0 });
});

test('an absent key is kept, too', async (t) => {
  const { cache, gets, done } = await cached();
  for (let i = 0; i < 3; i += 1) t.false((await done(cache.get('none'))).found);
  t.is(gets(), 1);
});

test('calls for one key at once share one question, each with a value of its own', async (t) => {
  const { cache, write, gets, done } = await cached();
  write('k', 'v');
  const all = Array.from({ length: 20 }, () => cache.get<Buffer>('k'));
  const results = await done(Promise.all(all));
  t.is(gets(), 1);
  t.deepEqual([results[0]!.source, results[0]!.receipt.guarantee], ['cluster', 'linearizable']);
  for (const { source, receipt } of results.slice(1)) t.deepEqual([source, receipt.guarantee], ['shared', 'eventual']);
  results[0]!.value!.fill(0);
  t.deepEqual(new Set(results.slice(1).map(({ value }) => textOf(value))), new Set(['v']));
  t.like(cache.stats, { misses: 1, shared: 19, hits: 0 });
  t.is(textOf((await done(cache.get('k'))).value), 'v');
});

test('another level is another question', async (t) => {
  const { cache, write, gets, done } = await cached();
  write('k', 'v');
  await done(Promise.all([cache.get('k', { level: 'ONE' }), cache.get('k', { level: 'ALL' })]));
  t.is(gets(), 2);
});

test('what this client writes is in the cache once it is acknowledged, by whatever call', async (t) => {
  const { cache, client, write, gets, done } = await cached();
  write('k', 'old');
  await done(cache.get('k'));
  await done(client.put('k', Buffer.from('put')));
  t.is(textOf((await done(cache.get('k'))).value), 'put');
  const { version } = await done(cache.get('k'));
  await done(client.compareAndSet('k', { n: 1 }, { expect: version! }));
  t.deepEqual((await done(cache.get('k'))).value, { n: 1 });
  await done(client.putMany([{ key: 'k', value: 'many' }]));
  t.is((await done(cache.get('k'))).value, 'many');
  await done(client.session().put('k', 'session'));
  t.is((await done(cache.get('k'))).value, 'session');
  await done(client.delete('k'));
  t.false((await done(cache.get('k'))).found);
  t.is(gets(), 1);
});

test('a value with a time to live leaves the cache with it', async (t) => {
  const { cache, client, clock, gets, done } = await cached({ maxAgeMs: 10_000 });
  await done(client.put('k', 'v', { ttlMs: 300 }));
  t.is((await done(cache.get('k'))).source, 'cache');
  await clock.pass(300);
  t.is((await done(cache.get('k'))).source, 'cluster');
  t.is(gets(), 1);
});

test('a read that was under way when this client wrote is not kept', async (t) => {
  const { cache, client, cluster, write, done } = await cached();
  write('k', 'old');
  const { script } = cluster;
  cluster.script = (node, request) => (request.kind === 'get' ? undefined : script!(node, request));
  const reading = cache.get('k');
  await done(Promise.resolve());
  const slow = cluster.received.at(-1)!;
  const put = client.put('k', Buffer.from('new'));
  await done(put);
  slow.pipe.answer(slow.sent, valueReply(Buffer.from('old')));
  t.is(textOf((await done(reading)).value), 'old', 'its own answer is what it was asked for before');
  t.is(textOf((await done(cache.get('k'))).value), 'new');
});

test('a read that began while several writes were under way is not kept, whichever of them came last', async (t) => {
  const { cache, client, cluster, write, done } = await cached();
  write('k', 'old');
  const { script } = cluster;
  cluster.script = () => undefined;
  const puts = Promise.all(['a', 'b'].map((value) => client.put('k', Buffer.from(value))));
  const reading = cache.get('k');
  await done(Promise.resolve());
  const isGet = ({ request }: (typeof cluster.received)[number]): boolean => request.kind === 'get';
  const slow = cluster.received.find(isGet)!;
  for (const one of cluster.received) if (!isGet(one)) one.pipe.answer(one.sent, script!(one.node, one.request)!);
  await done(puts);
  slow.pipe.answer(slow.sent, valueReply(Buffer.from('old')));
  await done(reading);
  cluster.script = script;
  t.is(textOf((await done(cache.get('k'))).value), 'b');
});

test('a write whose outcome is unknown leaves nothing in the cache', async (t) => {
  const { cache, client, cluster, write, clock, gets, done } = await cached();
  write('k', 'old');
  await done(cache.get('k'));
  const { script } = cluster;
  cluster.script = (node, request) => (request.kind === 'mutate' ? undefined : script!(node, request));
  const failing = fails(t, client.put('k', 'new', { timeoutMs: 100 }), 'OUTCOME_UNKNOWN');
  await clock.pass(200);
  await failing;
  t.is((await done(cache.get('k'))).source, 'cluster');
  t.is(gets(), 2);
});

test('where the cluster cannot answer, an old value is given only as long as was allowed, and says so', async (t) => {
  const { cache, cluster, write, clock, done } = await cached({ maxAgeMs: 100, fallbackMs: 5_000 });
  write('k', 'v');
  await done(cache.get('k'));
  cluster.script = () => errorReply('UNAVAILABLE', { retryable: false });
  await clock.pass(200);
  const fallback = await done(cache.get('k'));
  t.deepEqual([fallback.source, fallback.ageMs, textOf(fallback.value)], ['fallback', 200, 'v']);
  t.is(fallback.receipt.guarantee, 'eventual');
  await fails(t, done(cache.get('other')), 'UNAVAILABLE');
  await clock.pass(5_000);
  await fails(t, done(cache.get('k')), 'UNAVAILABLE');
  t.like(cache.stats, { fallbacks: 1, failed: 2, misses: 1 });
});

test('a caller that gives up does so for itself alone', async (t) => {
  const { cache, cluster, write, done, clock } = await cached();
  write('k', 'v');
  const { script } = cluster;
  cluster.script = () => undefined;
  const controller = new AbortController();
  const given = fails(t, cache.get('k', { signal: controller.signal }), 'ABORTED');
  const other = cache.get('k');
  await clock.turn();
  controller.abort(new Error('enough'));
  await given;
  const sent = cluster.received.at(-1)!;
  sent.pipe.answer(sent.sent, script!('n1', sent.request)!);
  t.is(textOf((await done(other)).value), 'v');
});

test('invalidate forgets one key or all, and what is on its way', async (t) => {
  const { cache, write, gets, done } = await cached();
  for (const key of ['a', 'b']) write(key, key);
  await done(Promise.all([cache.get('a'), cache.get('b')]));
  cache.invalidate('a');
  await done(Promise.all([cache.get('a'), cache.get('b')]));
  t.is(gets(), 3);
  cache.invalidate();
  t.is(cache.stats.entries, 0);
  const reading = cache.get('a');
  cache.invalidate('a');
  await done(reading);
  t.is(cache.stats.entries, 0);
});

test('the report says how many lookups were hits, and what became of the others', async (t) => {
  const { cache, write, done } = await cached();
  write('k', 'v');
  for (let i = 0; i < 4; i += 1) await done(cache.get('k'));
  t.is(cache.stats.hitRatio, 0.75);
  const report = cache.report();
  t.regex(report, /75\.0 % of 4 lookups were hits/);
  for (const word of ['hits', 'shared', 'revalidated', 'stale', 'misses', 'fallbacks', 'failed', 'evicted']) {
    t.true(report.includes(word), word);
  }
});

test('a client without the option has no cache, and options that make no sense are refused before it connects', async (t) => {
  t.is((await connected()).client.nearCache, undefined);
  const refusedBy = async (nearCache: NearCacheOptions): Promise<void> => {
    await t.throwsAsync(connected({ nearCache }), { message: /maxEntries|maxBytes|age/ });
  };
  for (const wrong of [{ maxEntries: 1 }, { maxBytes: 10 }, { maxAgeMs: -1 }, { fallbackMs: NaN }])
    await refusedBy(wrong);
  await badAge(t);
});

async function badAge(t: ExecutionContext): Promise<void> {
  const { cache } = await cached();
  await fails(t, cache.get('k', { maxAgeMs: -1 }), 'INVALID_ARGUMENT');
  await fails(t, cache.get(''), 'INVALID_ARGUMENT');
}

test('a value that is too old is given at once where that is allowed, and asked for again behind the answer', async (t) => {
  const { cache, write, gets, clock, done } = await cached({ maxAgeMs: 500, staleWhileRevalidateMs: 1_000 });
  write('k', 'v');
  await done(cache.get('k'));
  write('k', 'w');
  await clock.pass(600);
  const stale = await done(cache.get('k'));
  t.deepEqual([stale.source, stale.ageMs, textOf(stale.value)], ['refreshing', 600, 'v']);
  t.is(stale.receipt.guarantee, 'eventual');
  await clock.pass(1);
  const fresh = await done(cache.get('k'));
  t.deepEqual([fresh.source, textOf(fresh.value)], ['cache', 'w']);
  t.is(gets(), 2);
  t.like(cache.stats, { misses: 1, refreshing: 1, hits: 1, hitRatio: 2 / 3 });
  await clock.pass(1_600);
  t.is((await done(cache.get('k'))).source, 'revalidated', 'it is older than may be given');
  await clock.pass(600);
  t.is((await done(cache.get('k', { maxAgeMs: 500 }))).source, 'revalidated', 'the call named its own age');
});

test('of many that are given an old value at once, one asks for it again', async (t) => {
  const { cache, write, gets, clock, done } = await cached({ maxAgeMs: 500, staleWhileRevalidateMs: 1_000 });
  write('k', 'v');
  await done(cache.get('k'));
  await clock.pass(600);
  const all = await done(Promise.all(Array.from({ length: 10 }, () => cache.get('k'))));
  t.deepEqual(new Set(all.map(({ source }) => source)), new Set(['refreshing']));
  t.is(gets(), 2);
});

test('what cannot be asked for again stays as old as it is', async (t) => {
  const { cache, cluster, write, clock, done } = await cached({ maxAgeMs: 500, staleWhileRevalidateMs: 10_000 });
  write('k', 'v');
  await done(cache.get('k'));
  cluster.script = () => errorReply('UNAVAILABLE');
  await clock.pass(600);
  t.is((await done(cache.get('k'))).source, 'refreshing');
  await clock.pass(5_000);
  const later = await done(cache.get('k'));
  t.deepEqual([later.source, later.ageMs], ['refreshing', 5_600]);
});

test('calls that take nothing older than now share no question', async (t) => {
  const { cache, write, gets, done } = await cached({ maxAgeMs: 500 });
  write('k', 'v');
  const both = await done(Promise.all([cache.get('k', { maxAgeMs: 0 }), cache.get('k', { maxAgeMs: 0 })]));
  t.deepEqual(
    both.map(({ source }) => source),
    ['cluster', 'cluster'],
  );
  t.is(gets(), 2);
});

test('where every read is to be revalidated, one at the very same moment is, too', async (t) => {
  const { cache, write, gets, done } = await cached({ maxAgeMs: 0 });
  write('k', 'v');
  await done(cache.get('k'));
  t.is((await done(cache.get('k'))).source, 'revalidated');
  t.is(gets(), 2);
});

test('what is held of a key can be looked at without asking or counting', async (t) => {
  const { cache, write, gets, clock, done } = await cached({ maxAgeMs: 500 });
  write('k', 'v');
  t.is(cache.held('k'), undefined);
  const { version } = await done(cache.get('k'));
  await clock.pass(700);
  t.deepEqual(cache.held('k'), { version, ageMs: 700 });
  t.is(gets(), 1);
  t.like(cache.stats, { misses: 1, hits: 0 });
});
