import test from 'ava';
import type { Client } from '../../src/client/client.js';
import type { GetRequest, MutateRequest } from '../../src/core/request.js';
import { formatVersion } from '../../src/core/version.js';
import { connected, fails, keyOf } from './connected.js';
import { RECEIPT } from '../core/receipts.js';
import { errorReply, mutated, valueReply } from './fake-cluster.js';

const BYTES = new Uint8Array([1, 2, 3]);

test('a get resolves to the value with its version and receipt', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => valueReply(BYTES);
  const got = client.get('greeting');
  await clock.turn();
  const { value, ...rest } = await got;
  const version = formatVersion(valueReply(BYTES).version);
  const receipt = { ...RECEIPT, serverMs: 0.25, version };
  t.deepEqual(rest, { key: 'greeting', found: true, version, unchanged: false, receipt });
  t.deepEqual(new Uint8Array(value as Uint8Array), BYTES);
});

test('a get of a key that never had a value is not found and has no version', async (t) => {
  const { client, cluster, clock } = await connected();
  const version = { time: 0, incarnation: '0000000000000000', sub: 0, index: 0 };
  cluster.script = () => valueReply(null, { version });
  const got = client.get('nothing');
  await clock.turn();
  const { receipt, ...rest } = await got;
  t.deepEqual(rest, { key: 'nothing', found: false, value: undefined, version: undefined, unchanged: false });
  t.is(receipt.version, undefined);
});

test('results of the same kind always have the same fields', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = (_, request) => {
    if (request.kind !== 'get') return mutated(request);
    return valueReply(request.key === 'there' ? BYTES : null);
  };
  const calls = [client.get('there'), client.get('gone'), client.put('there', 1), client.delete('there')];
  await clock.turn();
  const fields = (await Promise.all(calls)).map((result) => Object.keys(result).join());
  t.deepEqual(fields, [
    'key,found,value,version,unchanged,receipt',
    'key,found,value,version,unchanged,receipt',
    'key,existed,version,receipt',
    'key,existed,version,receipt',
  ]);
});

test('existed is undefined where the latency path did not look', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = (_, request) => ({ ...mutated(request), existed: null });
  const put = client.put('k', 1);
  await clock.turn();
  t.is((await put).existed, undefined);
});

test('the level is the call’s, else the client’s, else the policy’s', async (t) => {
  const plain = await connected({ policy: 'PC/EL' });
  const strict = await connected({ policy: 'PC/EL', level: 'ALL' });
  for (const { client, cluster, clock } of [plain, strict]) {
    cluster.script = () => valueReply(null);
    await Promise.all([client.get('a'), client.get('a', { level: 'QUORUM' }), clock.turn()]);
  }
  t.deepEqual(
    plain.cluster.received.map(({ request }) => (request as GetRequest).level),
    ['ONE', 'QUORUM'],
  );
  t.deepEqual(
    strict.cluster.received.map(({ request }) => (request as GetRequest).level),
    ['ALL', 'QUORUM'],
  );
});

test('allowStale reaches the node, and is false unless asked for', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => valueReply(null);
  await Promise.all([client.get('a'), client.get('a', { allowStale: true }), clock.turn()]);
  t.deepEqual(
    cluster.received.map(({ request }) => (request as GetRequest).allowStale),
    [false, true],
  );
});

for (const [policy, level, form] of [
  ['PC/EC', 'QUORUM', 'consensus'],
  ['PC/EC', 'ALL', 'consensus'],
  ['PA/EC', 'QUORUM', 'blind'],
  ['PA/EC', 'ONE', 'latency'],
  ['PC/EC', 'ONE', 'latency'],
  ['PC/EL', 'QUORUM', 'latency'],
] as const) {
  test(`a write at ${level} under ${policy} is minted as a ${form} operation`, async (t) => {
    const { client, cluster, clock } = await connected({ policy });
    cluster.script = (_, request) => mutated(request);
    await Promise.all([client.put('k', BYTES, { level }), client.delete('k', { level }), clock.turn()]);
    const operations = cluster.received.map(({ request }) => (request as MutateRequest).operation);
    t.deepEqual(
      operations.map((operation) => [operation.form, operation.mutation.kind]),
      [
        [form, 'put'],
        [form, 'delete'],
      ],
    );
    t.like(operations[0]!.id, { node: 'client', incarnation: '00000000000000cc', sub: 0 });
  });
}

test('all calls of a turn travel as one batch to each node, in order', async (t) => {
  const { client, cluster, clock } = await connected();
  const key = keyOf(['n2', 'n1', 'n3']);
  const other = keyOf(['n3', 'n1', 'n2']);
  cluster.script = (_, request) => (request.kind === 'get' ? valueReply(null) : mutated(request));
  const calls = [client.get(key), client.get(other), client.put(key, 1), client.get(key)];
  t.is(cluster.received.length, 0, 'nothing is sent before the turn ends');
  await Promise.all([...calls, clock.turn()]);
  t.deepEqual(
    cluster.pipeTo('n2').batches[0]!.map(({ request }) => request.kind),
    ['get', 'mutate', 'get'],
  );
  t.is(cluster.pipeTo('n3').batches.length, 1);
});

test('request ids are unique on a pipe', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => valueReply(null);
  const key = keyOf(['n1', 'n2', 'n3']);
  for (let i = 0; i < 3; i += 1) await Promise.all([client.get(key), client.get(key), clock.turn()]);
  const ids = cluster.pipeTo('n1').requests.map(({ id }) => id);
  t.is(ids.length, 6);
  t.is(new Set(ids).size, 6);
});

for (const [title, call] of [
  ['an empty key', (client) => client.get('')],
  ['half of a surrogate pair in a key', (client) => client.put('\ud800', 1)],
  ['a key of more than 1024 bytes', (client) => client.delete('é'.repeat(513))],
  ['a key that is no text', (client) => client.get(5 as unknown as string)],
  ['a level that does not exist', (client) => client.get('k', { level: 'TWO' as 'ONE' })],
  ['a timeout of nothing', (client) => client.put('k', 1, { timeoutMs: 0 })],
  ['a timeout beyond the lifetime of an operation', (client) => client.put('k', 1, { timeoutMs: 30_001 })],
  ['a value above one mebibyte', (client) => client.put('k', new Uint8Array(1024 * 1024 + 1))],
  ['undefined as a value', (client) => client.put('k', undefined)],
] as [string, (client: Client) => Promise<unknown>][]) {
  test(`${title} is INVALID_ARGUMENT, definite, and nothing is sent`, async (t) => {
    const { client, cluster, clock } = await connected();
    const error = await fails(t, call(client), 'INVALID_ARGUMENT');
    await clock.turn();
    t.true(error.definite);
    t.false(error.retryable);
    t.is(cluster.received.length, 0);
  });
}

test('a definite refusal that is not retryable is the answer, with all it says', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => errorReply('LEVEL_NOT_MET', { definite: false, required: 3, received: 2, missing: ['n3'] });
  const put = fails(t, client.put('k', 1, { level: 'ALL' }), 'LEVEL_NOT_MET');
  await clock.turn();
  t.like(await put, { definite: false, required: 3, received: 2 });
  t.deepEqual((await put).missing, ['n3']);
  t.is(cluster.received.length, 1, 'it was applied: there is nothing to send again');
});

test('an answer of another kind than asked for is no answer', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => valueReply(null);
  const put = fails(t, client.put('k', 1), 'OUTCOME_UNKNOWN');
  await clock.pass(500);
  t.regex((await put).message, /does not belong/);
});

test('an answer to a request that nobody sent is ignored', async (t) => {
  const { client, cluster, clock } = await connected();
  const key = keyOf(['n1', 'n2', 'n3']);
  const got = client.get(key);
  await clock.turn();
  const pipe = cluster.pipeTo('n1');
  pipe.answer({ id: 999, request: pipe.requests[0]!.request }, valueReply(null));
  pipe.answer(pipe.requests[0]!, valueReply(BYTES));
  pipe.answer(pipe.requests[0]!, valueReply(null));
  t.true((await got).found);
});
