import test from 'ava';
import type { PageOptions } from '../../src/client/scan-options.js';
import { fails } from './connected.js';
import { scannable, type Scannable } from './scan-cluster.js';

const KEYS = Array.from({ length: 40 }, (_, index) => `k${String(index).padStart(2, '0')}`);

async function cursorOf({ client, done }: Scannable, options: PageOptions = {}): Promise<string> {
  const { pagination } = await done(client.page({ limit: 10, ...options }));
  return pagination.nextCursor!;
}

async function firstOf({ client, done }: Scannable, options: PageOptions): Promise<string> {
  return (await done(client.page(options))).items[0]!.key;
}

test('a cursor is a text for URLs that holds no key in the clear', async (t) => {
  const cursor = await cursorOf(await scannable(KEYS));
  t.regex(cursor, /^[\w-]+$/);
  t.false(cursor.includes('k09'));
});

test('a cursor goes on at another client, at other nodes, and where its key is gone', async (t) => {
  const here = await scannable(KEYS);
  const cursor = await cursorOf(here);
  here.contents.delete('k09');
  t.is(await firstOf(here, { cursor }), 'k10');
  const other = await scannable(KEYS, { nodes: ['n1', 'n7', 'n8', 'n9'] });
  t.is(await firstOf(other, { cursor }), 'k10');
});

test('a cursor changed in any byte, shortened or lengthened is refused', async (t) => {
  const here = await scannable(KEYS);
  const cursor = await cursorOf(here);
  const bytes = Buffer.from(cursor, 'base64url');
  const changed = [...bytes].flatMap((_, at) =>
    [1, 0x10, 0x80].map((bit) =>
      Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ bit : byte))).toString('base64url'),
    ),
  );
  const letters = Array.from(
    cursor,
    (letter, at) => cursor.slice(0, at) + (letter === 'A' ? 'B' : 'A') + cursor.slice(at + 1),
  );
  const others = [
    '',
    'x',
    '*',
    `${cursor}A`,
    `${cursor}=`,
    ` ${cursor}`,
    cursor.slice(0, -1),
    cursor.slice(4),
    cursor + cursor,
  ];
  for (const one of [...changed, ...letters, ...others]) {
    if (one === cursor) continue;
    const { message } = await fails(t, here.client.page({ cursor: one }), 'INVALID_ARGUMENT');
    t.regex(message, /cursor .*(begin (or )?without)/);
  }
  await fails(t, here.client.page({ cursor: 7 as unknown as string }), 'INVALID_ARGUMENT');
  t.is(await firstOf(here, { cursor }), 'k10');
});

test('a cursor of a later version says what to do', async (t) => {
  const here = await scannable(KEYS);
  const bytes = Buffer.from(await cursorOf(here), 'base64url');
  bytes[0] = 2;
  const { message } = await fails(t, here.client.page({ cursor: bytes.toString('base64url') }), 'INVALID_ARGUMENT');
  t.regex(message, /later version of the SDK.*update/);
});

test('a cursor belongs to its range and direction', async (t) => {
  const here = await scannable(KEYS);
  const cursor = await cursorOf(here, { prefix: 'k' });
  for (const options of [{}, { prefix: 'k1' }, { prefix: 'k', to: 'k3' }, { prefix: 'k', reverse: true }]) {
    const { message } = await fails(t, here.client.page({ ...options, cursor }), 'INVALID_ARGUMENT');
    t.regex(message, /the same prefix, from, to and reverse/);
  }
  t.is(await firstOf(here, { prefix: 'k', cursor, limit: 3 }), 'k10', 'but the limit is free');
});

test('a cursor goes on at the level it was made at, and names it', async (t) => {
  const here = await scannable(KEYS);
  const cursor = await cursorOf(here, { level: 'ONE' });
  const page = await here.done(here.client.page({ cursor }));
  t.is(page.pagination.level, 'ONE');
  t.true(here.cluster.received.every(({ request }) => request.kind !== 'get' || request.level === 'ONE'));
  const { message } = await fails(t, here.client.page({ cursor, level: 'QUORUM' }), 'INVALID_ARGUMENT');
  t.regex(message, /was made at level ONE, and this call asks for QUORUM/);
});

test('a secret of its own keeps others from making cursors up', async (t) => {
  const plain = await scannable(KEYS);
  const secret = await scannable(KEYS, { cursorSecret: 'one' });
  const other = await scannable(KEYS, { cursorSecret: 'two' });
  const cursor = await cursorOf(secret);
  t.is(await firstOf(await scannable(KEYS, { cursorSecret: 'one' }), { cursor }), 'k10');
  for (const here of [plain, other]) await fails(t, here.client.page({ cursor }), 'INVALID_ARGUMENT');
  await fails(t, secret.client.page({ cursor: await cursorOf(plain) }), 'INVALID_ARGUMENT');
  await t.throwsAsync(scannable([], { cursorSecret: '' }), { message: /cursorSecret must be a text/ });
});
