import test from 'ava';
import { parseVersion } from '../../src/core/version.js';
import { connected, fails, type Connected } from './connected.js';
import { mutated, valueReply } from './fake-cluster.js';

/** Stores what is put, and gives it back. */
async function withStorage(): Promise<Connected> {
  const here = await connected();
  const stored = new Map<string, ReturnType<typeof valueReply>>();
  here.cluster.script = (_, request) => {
    if (request.kind === 'get') return stored.get(request.key);
    if (request.kind !== 'mutate' || request.operation.mutation.kind !== 'put') return undefined;
    const { value, encoding } = request.operation.mutation;
    stored.set(request.key, valueReply(Uint8Array.from(value), { encoding }));
    return mutated(request);
  };
  return here;
}

async function roundTrip({ client, clock }: Connected, value: unknown): Promise<unknown> {
  const put = client.put('k', value);
  await clock.turn();
  await put;
  const got = client.get('k');
  await clock.turn();
  return (await got).value;
}

const VALUES: { [title: string]: unknown } = {
  'a text': 'Grüße',
  'an integer': 42,
  'a large number': 2 ** 53,
  'a fraction': 1.5,
  null: null,
  true: true,
  'an array': [1, [2, 'x'], []],
  'an object': { a: 1, b: { c: [{ d: null }] } },
  'undefined in an object': { a: undefined, b: 1 },
  'a Map with keys of several kinds': new Map<unknown, unknown>([
    ['a', { b: 1 }],
    [2, new Map([['c', 3]])],
  ]),
  'a Set': new Set([1, 'two']),
  'a Date': new Date(1_700_000_000_123),
  'a small bigint': 5n,
  'a large bigint': 2n ** 100n,
  'a negative bigint': -(2n ** 70n),
  'a Float64Array': new Float64Array([1.5, -2]),
  'a Uint16Array in an object': { samples: new Uint16Array([1, 65_535]) },
  'bytes in an object': { bytes: new Uint8Array([1, 2]) },
};

for (const [title, value] of Object.entries(VALUES)) {
  test(`${title} comes back as it was`, async (t) => {
    t.deepEqual(await roundTrip(await withStorage(), value), value);
  });
}

test('bytes are stored as they are, a Buffer like a Uint8Array', async (t) => {
  const here = await withStorage();
  for (const bytes of [new Uint8Array([0, 255]), Buffer.from([0, 255]), new Uint8Array(0)]) {
    const back = await roundTrip(here, bytes);
    t.deepEqual(back, Buffer.from(bytes));
  }
  const puts = here.cluster.received.filter(({ request }) => request.kind === 'mutate');
  t.like(puts[0]!.request, { operation: { mutation: { encoding: 'bytes' } } });
});

test('the bytes of a result are the caller’s own', async (t) => {
  const { client, cluster, clock } = await connected();
  const frame = new Uint8Array([9, 1, 2, 3, 9]);
  cluster.script = () => valueReply(frame.subarray(1, 4));
  const got = client.get<Uint8Array>('k');
  await clock.turn();
  const { value } = await got;
  frame.fill(7);
  t.deepEqual([...value!], [1, 2, 3]);
});

test('bytes inside a decoded value do not change with the frame they came in', async (t) => {
  const here = await withStorage();
  const { cluster, client, clock } = here;
  await roundTrip(here, { bytes: new Uint8Array([1, 2, 3]) });
  const { request } = cluster.received[0]!;
  if (request.kind !== 'mutate' || request.operation.mutation.kind !== 'put') return t.fail();
  const frame = Uint8Array.from(request.operation.mutation.value);
  cluster.script = () => valueReply(frame, { encoding: 'msgpack' });
  const got = client.get<{ bytes: Uint8Array }>('k');
  await clock.turn();
  const { value } = await got;
  frame.fill(0);
  t.deepEqual([...value!.bytes], [1, 2, 3]);
});

test('a value is what it was when it was put, whatever the caller does to it afterwards', async (t) => {
  const { client, cluster, clock } = await connected();
  const bytes = new Uint8Array([1, 2, 3]);
  const object = { n: 1 };
  const puts = [client.put('a', bytes), client.put('b', object)];
  bytes.fill(9);
  object.n = 9;
  await clock.turn();
  const sent = cluster.received.map(({ request }) => {
    return request.kind === 'mutate' && request.operation.mutation.kind === 'put' ? request.operation.mutation : null;
  });
  t.deepEqual(
    sent.map((mutation) => mutation!.value.includes(9)),
    [false, false],
  );
  for (const { pipe, sent: each, request } of cluster.received) pipe.answer(each, mutated(request));
  await Promise.all(puts);
});

const cycle: { self?: unknown } = {};
cycle.self = cycle;
for (const [title, value, problem] of [
  ['a function', () => 1, /function/],
  ['a function inside an object', { nested: { f: () => 1 } }, /function/],
  ['a symbol', Symbol('s'), /symbol/],
  ['a symbol inside an array', [Symbol('s')], /symbol/],
  ['a value that contains itself', cycle, /contains itself/],
] as const) {
  test(`${title} is INVALID_ARGUMENT before anything is sent, and the next value is stored`, async (t) => {
    const here = await withStorage();
    const error = await fails(t, here.client.put('k', value), 'INVALID_ARGUMENT');
    t.regex(error.message, problem);
    t.truthy(error.cause);
    await here.clock.turn();
    t.is(here.cluster.received.length, 0);
    t.deepEqual(await roundTrip(here, { fine: true }), { fine: true });
  });
}

for (const [title, bytes] of [
  ['nothing at all', []],
  ['a text that is cut short', [0xd9, 0x20, 0x41]],
  ['more than one value', [1, 2]],
  ['an unknown extension', [0xd4, 0x33, 0]],
  ['a pointer to nowhere', [0xd6, 0x70, 0, 0, 0, 1]],
  ['an array of four billion', [0xdd, 0xff, 0xff, 0xff, 0xff]],
  ['arrays nested a hundred thousand deep', new Array<number>(100_000).fill(0x91)],
] as const) {
  test(`a stored value that is ${title} is an error for that key, and the client goes on`, async (t) => {
    const { client, cluster, clock } = await connected();
    cluster.script = (_, request) =>
      request.kind === 'get' && request.key === 'bad'
        ? valueReply(Uint8Array.from(bytes), { encoding: 'msgpack' })
        : valueReply(Uint8Array.of(0xc3), { encoding: 'msgpack' });
    const many = client.getMany(['bad', 'good']);
    await clock.turn();
    const [bad, good] = await many;
    t.is(bad!.error?.code, 'INVALID_ARGUMENT');
    t.regex(bad!.error!.message, /value of "bad".*unchanged/);
    t.is(good!.result?.value, true);
  });
}

test('a read that names the version it has learns that nothing changed, and whether there is a value', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => valueReply(new Uint8Array([1]));
  const first = client.get('k');
  await clock.turn();
  const { version, unchanged } = await first;
  t.false(unchanged);
  cluster.script = () => valueReply(null, { unchanged: 'found' });
  const again = client.get('k', { knownVersion: version });
  await clock.turn();
  t.like(await again, { found: true, value: undefined, unchanged: true, version });
  t.like(cluster.received.at(-1)?.request, { kind: 'get', known: parseVersion(version!) });
  cluster.script = () => valueReply(null, { unchanged: 'absent' });
  const absent = client.get('k', { knownVersion: version });
  await clock.turn();
  t.like(await absent, { found: false, value: undefined, unchanged: true });
  await fails(t, client.get('k', { knownVersion: 'v1' }), 'INVALID_ARGUMENT');
});
