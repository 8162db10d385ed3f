import test from 'ava';
import type { Page, PageOptions } from '../../src/client/scan-options.js';
import { fails } from './connected.js';
import { errorReply } from './fake-cluster.js';
import { keysOf, scannable, type Scannable } from './scan-cluster.js';

const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];
const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const NUMBERS = Array.from({ length: 300 }, (_, index) => `k${String(index).padStart(3, '0')}`);
const ODD = ['\u{1f600}', '\ufffd', 'é', 'a', 'ab', '\u{10000}', 'a\u{1f600}', 'a\uffff', '\ud7ff', '\ue000'];
const KEYS = [...NUMBERS, ...ODD].sort(inBytes);

function keysIn({ items }: Page): string[] {
  return items.map(({ key }) => key);
}

/** Every page until there is no cursor. */
async function pages({ client, done }: Scannable, options: PageOptions): Promise<Page[]> {
  const all: Page[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await done(client.page({ ...options, cursor }));
    all.push(page);
    cursor = page.pagination.nextCursor;
    if (page.pagination.hasMore !== (cursor !== undefined)) throw new Error('hasMore says otherwise');
    if (cursor === undefined) return all;
  }
}

for (const nodes of [['n1', 'n2', 'n3'], FIVE]) {
  test(`a scan gives every key once with its value, in byte order, of ${nodes.length} nodes`, async (t) => {
    const { client, done } = await scannable(KEYS, { nodes });
    t.deepEqual(await done(keysOf(client.scan())), KEYS);
    t.deepEqual(await done(keysOf(client.scan({ reverse: true }))), [...KEYS].reverse());
    const [item] = (await done(client.page({ limit: 1 }))).items;
    t.like(item, { key: KEYS[0], receipt: { guarantee: 'linearizable', level: 'QUORUM' } });
    t.is(Buffer.from(item!.value as Uint8Array).toString(), KEYS[0]!);
    t.is(typeof item!.version, 'string');
  });
}

test('a range is its prefix, from and to together, either way; a limit ends it', async (t) => {
  const { client, done } = await scannable(KEYS);
  const wanted = NUMBERS.filter((key) => key >= 'k105' && key < 'k115');
  const range = { prefix: 'k1', from: 'k105', to: 'k115' };
  t.deepEqual(await done(keysOf(client.scan(range))), wanted);
  t.deepEqual(await done(keysOf(client.scan({ ...range, reverse: true }))), [...wanted].reverse());
  t.deepEqual(await done(keysOf(client.scan({ ...range, limit: 3 }))), wanted.slice(0, 3));
  t.deepEqual(await done(keysOf(client.scan({ prefix: 'k29', from: 'k3' }))), []);
  t.deepEqual(await done(keysOf(client.scan({ prefix: 'a' }))), ['a', 'ab', 'a\uffff', 'a\u{1f600}']);
  t.deepEqual(await done(keysOf(client.scan({ limit: 290 }))), KEYS.slice(0, 290));
});

for (const limit of [1, 7, 50, 310, 1000]) {
  for (const reverse of [false, true]) {
    test(`pages of ${limit} hold every key once${reverse ? ', backwards' : ''}`, async (t) => {
      const all = await pages(await scannable(KEYS, { nodes: FIVE }), { limit, reverse });
      t.deepEqual(all.flatMap(keysIn), reverse ? [...KEYS].reverse() : KEYS);
      t.true(all.every(({ items }) => items.length <= limit));
      t.is(all.length, Math.ceil(KEYS.length / limit), 'and none is empty where nothing is deleted');
    });
  }
}

test('a page holds 50 items where no limit is given', async (t) => {
  const { client, done } = await scannable(KEYS);
  t.is((await done(client.page())).items.length, 50);
});

test('a page ends before it weighs more than 1 MiB, but holds one item at least', async (t) => {
  const here = await scannable();
  for (const key of ['a', 'b', 'c', 'd']) here.contents.put(key, new Uint8Array(400_000));
  here.contents.put('big', new Uint8Array(1024 * 1024));
  const all = await pages(here, {});
  t.deepEqual(all.map(keysIn), [['a', 'b'], ['big'], ['c', 'd']]);
});

test('where much is deleted, pages end empty after 10,000 records and go on by their cursors', async (t) => {
  const here = await scannable(['a', 'z']);
  for (let i = 0; i < 25_000; i += 1) here.contents.delete(`m${String(i).padStart(6, '0')}`);
  const all = await pages(here, {});
  t.true(all.length > 1);
  t.true(all.some(({ items, pagination }) => items.length === 0 && pagination.hasMore));
  t.deepEqual(all.flatMap(keysIn), ['a', 'z']);
  t.deepEqual([...new Set(here.contents.gets)], ['a', 'z'], 'what a majority has deleted is not read');
  t.deepEqual(await here.done(keysOf(here.client.scan())), ['a', 'z']);
});

test('a key whose delete reached one replica only is read, and appears if it is there', async (t) => {
  const here = await scannable(['k', 'l']);
  here.contents.delete('k', ['n1']);
  here.contents.put('l', 'l', ['n1']);
  here.contents.delete('l', ['n2'], 5);
  here.contents.delete('l', ['n3'], 6);
  t.deepEqual(await here.done(keysOf(here.client.scan())), ['k']);
  here.cluster.down.add('n3');
  here.cluster.pipeTo('n3').lose('killed');
  t.deepEqual(await here.done(keysOf(here.client.scan())), ['k'], 'also where a node is gone that holds it');
});

test('at QUORUM one node of three may be gone, in the middle too; with two gone it is an error that names them', async (t) => {
  const here = await scannable(KEYS);
  const { client, cluster, done } = here;
  const first = await done(client.page({ limit: 100 }));
  cluster.down.add('n2');
  cluster.pipeTo('n2').lose('killed');
  const second = await done(client.page({ limit: 100, cursor: first.pagination.nextCursor }));
  t.deepEqual([...keysIn(first), ...keysIn(second)], KEYS.slice(0, 200));
  cluster.down.add('n3');
  cluster.pipeTo('n3').lose('killed');
  const third = client.page({ limit: 100, cursor: second.pagination.nextCursor });
  third.catch(() => undefined);
  await here.clock.pass(6_000);
  const error = await fails(t, third, 'UNAVAILABLE');
  t.deepEqual(error.missing, ['n2', 'n3']);
  t.is(error.required, 2);
  t.is(error.received, 1);
  t.regex(error.message, /when these nodes are back go on from the last cursor/);
  t.is((await done(client.page({ level: 'ONE' }))).items.length, 50, 'ONE goes on');
});

test('at ALL no node may be gone', async (t) => {
  const here = await scannable(KEYS);
  here.cluster.down.add('n2');
  here.cluster.pipeTo('n2').lose('killed');
  const page = here.client.page({ level: 'ALL' });
  page.catch(() => undefined);
  await here.clock.pass(6_000);
  t.deepEqual((await fails(t, page, 'UNAVAILABLE')).missing, ['n2']);
});

test('a node that stays silent is waited for 100 ms once the others suffice, and no longer', async (t) => {
  const here = await scannable(KEYS);
  here.cluster.script = (node, request) =>
    node === 'n3' && request.kind === 'list' ? undefined : here.contents.answer(node, request);
  let page: Page | undefined;
  void here.client.page().then((found) => (page = found));
  await here.clock.pass(99);
  t.is(page, undefined);
  await here.clock.pass(1);
  t.deepEqual(keysIn(page!), KEYS.slice(0, 50));
});

test('a value that cannot be read fails its page: no hole', async (t) => {
  const here = await scannable(KEYS);
  here.cluster.script = (node, request) =>
    request.kind === 'get' && request.key === KEYS[20]
      ? errorReply('UNAVAILABLE', { retryable: false, missing: ['n1', 'n2'] })
      : here.contents.answer(node, request);
  t.deepEqual((await fails(t, here.done(here.client.page()), 'UNAVAILABLE')).missing, ['n1', 'n2']);
  t.is((await here.done(here.client.page({ limit: 20 }))).items.length, 20);
});

test('a page that takes half of its time ends where it is, and goes on', async (t) => {
  const here = await scannable(['z']);
  for (let i = 0; i < 5_000; i += 1) here.contents.delete(`m${String(i).padStart(6, '0')}`);
  here.cluster.script = (node, request) => {
    if (request.kind === 'list') here.clock.nowMs += 10;
    return here.contents.answer(node, request);
  };
  const all = await pages(here, { timeoutMs: 200 });
  t.true(all.length > 1);
  t.deepEqual(all.flatMap(keysIn), ['z']);
});

test('lists ask for no more records than a page needs, and more of them where they give too little', async (t) => {
  const here = await scannable(KEYS);
  await here.done(here.client.page({ limit: 10 }));
  t.deepEqual(
    here.contents.lists.map(({ request }) => request.limit),
    [11, 11, 11],
  );
  here.contents.lists.length = 0;
  for (let i = 0; i < 100; i += 1) here.contents.delete(`A${i}`);
  await here.done(here.client.page({ limit: 10 }));
  t.deepEqual([...new Set(here.contents.lists.map(({ request }) => request.limit))], [11, 22, 44, 88]);
});

test('an offset leaves out items that are there, not tombstones', async (t) => {
  const here = await scannable(KEYS);
  for (let i = 0; i < 30; i += 1) here.contents.delete(`k00${i}`);
  const there = await here.done(keysOf(here.client.scan()));
  here.contents.gets.length = 0;
  const page = await here.done(here.client.page({ offset: 120, limit: 5 }));
  t.deepEqual(keysIn(page), there.slice(120, 125));
  t.is(here.contents.gets.length, 5, 'what is left out is not read');
  t.is(page.pagination.nextOffset, 125);
  const next = await here.done(here.client.page({ limit: 5, cursor: page.pagination.nextCursor }));
  t.deepEqual(keysIn(next), there.slice(125, 130), 'a cursor goes on from an offset');
  const last = await here.done(here.client.page({ offset: there.length - 2, limit: 5 }));
  t.deepEqual(keysIn(last), there.slice(-2));
  t.like(last.pagination, { hasMore: false, nextCursor: undefined, nextOffset: undefined });
  t.deepEqual((await here.done(here.client.page({ offset: 100_000 }))).items, []);
});

test('a key in doubt is read before an offset counts it', async (t) => {
  const here = await scannable(['a', 'b', 'c', 'd']);
  here.contents.delete('a', ['n1'], 5);
  here.contents.put('b', 'b', ['n1']);
  here.contents.delete('b', ['n2'], 5);
  here.contents.delete('b', ['n3'], 6);
  t.deepEqual(keysIn(await here.done(here.client.page({ offset: 1, limit: 1 }))), ['c']);
});

const wrong: readonly (readonly [PageOptions, RegExp])[] = [
  [{ limit: 0 }, /limit must be a whole number from 1 to 1000, not 0/],
  [{ limit: 1001 }, /limit/],
  [{ limit: 1.5 }, /limit/],
  [{ offset: -1 }, /offset/],
  [{ offset: 100_001 }, /offset must be .* to go further, use a cursor/],
  [{ offset: 1, cursor: 'x' }, /at a cursor or at an offset/],
  [{ prefix: 7 as unknown as string }, /prefix must be a string/],
  [{ from: '\ud800' }, /from must be valid Unicode/],
  [{ to: 'k'.repeat(2000) }, /to is at most 1024 bytes/],
  [{ reverse: 'yes' as unknown as boolean }, /reverse/],
  [{ level: 'SOME' as 'ONE' }, /level must be one of/],
  [{ timeoutMs: 0 }, /timeoutMs/],
];

for (const [options, message] of wrong) {
  test(`a page with ${JSON.stringify(options).slice(0, 40)} is refused`, async (t) => {
    const { client, contents } = await scannable(KEYS);
    t.regex((await fails(t, client.page(options), 'INVALID_ARGUMENT')).message, message);
    t.deepEqual(contents.lists, []);
  });
}

test('a scan whose options are wrong is refused before it begins', async (t) => {
  const { client } = await scannable(KEYS);
  t.throws(() => client.scan({ limit: -1 }), { message: /limit/ });
  t.throws(() => client.scan({ level: 'NONE' as 'ONE' }), { message: /level/ });
});
