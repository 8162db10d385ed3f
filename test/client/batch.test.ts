import test from 'ava';
import { connected, fails } from './connected.js';
import { errorReply, mutated, valueReply } from './fake-cluster.js';

test('getMany answers each key in its place, and one failure does not hide the others', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = (_, request) => {
    if (request.kind === 'get' && request.key === 'b') return errorReply('UNAVAILABLE', { retryable: false });
    return valueReply(Buffer.from(request.kind === 'get' ? request.key : ''));
  };
  const many = client.getMany<Buffer>(['a', 'b', '', 'c']);
  await clock.turn();
  const entries = await many;
  t.deepEqual(
    entries.map(({ key, ok, error }) => [key, ok, error?.code]),
    [
      ['a', true, undefined],
      ['b', false, 'UNAVAILABLE'],
      ['', false, 'INVALID_ARGUMENT'],
      ['c', true, undefined],
    ],
  );
  const [first] = entries;
  t.is(first?.ok === true ? first.result.value?.toString() : undefined, 'a');
  t.true(entries.every((entry) => Object.keys(entry).join() === 'key,ok,result,error'));
});

test('getMany of nothing is nothing', async (t) => {
  const { client } = await connected();
  t.deepEqual(await client.getMany([]), []);
});

test('putMany stores each entry; one that cannot be stored does not hide the others', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = (_, request) => mutated(request);
  const many = client.putMany([
    { key: 'a', value: 1 },
    { key: 'b', value: () => 1 },
    { key: 'c', value: 'x' },
  ]);
  await clock.turn();
  t.deepEqual(
    (await many).map(({ key, ok, error }) => [key, ok, error?.code]),
    [
      ['a', true, undefined],
      ['b', false, 'INVALID_ARGUMENT'],
      ['c', true, undefined],
    ],
  );
});

test('an entry of putMany that is no entry is its own error', async (t) => {
  const { client } = await connected();
  const wrong = [null, 'text', {}] as unknown as { key: string; value: unknown }[];
  const entries = await client.putMany(wrong);
  t.deepEqual(
    entries.map(({ error }) => error?.code),
    ['INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
  );
});

test('options and arguments that are wrong for all entries fail the whole call', async (t) => {
  const { client } = await connected();
  await fails(t, client.getMany('abc' as unknown as string[]), 'INVALID_ARGUMENT');
  await fails(t, client.getMany(['a'], { level: 'NONE' as 'ONE' }), 'INVALID_ARGUMENT');
  await fails(t, client.putMany([{ key: 'a', value: 1 }], { timeoutMs: -1 }), 'INVALID_ARGUMENT');
});

test('a batch larger than what may be under way is carried out whole', async (t) => {
  const { client, cluster, clock } = await connected({ maxInFlight: 10, maxWaiting: 2_000 });
  cluster.script = () => valueReply(null);
  const many = client.getMany(Array.from({ length: 5_000 }, (_, index) => `key-${index}`));
  await clock.turn();
  t.is((await many).filter(({ ok }) => ok).length, 5_000);
});

test('the timeout is for all entries together', async (t) => {
  const { client, cluster, clock } = await connected({ maxInFlight: 1 });
  const many = client.getMany(['a', 'b', 'c'], { timeoutMs: 300 });
  await clock.pass(340);
  t.deepEqual(
    (await many).map(({ error }) => error?.code),
    ['TIMEOUT', 'TIMEOUT', 'TIMEOUT'],
  );
  t.is(cluster.received.length, 1);
});
