import test from 'ava';
import { check } from '../../chaos/check.js';
import { pairOperations } from '../../chaos/checkers/operation.js';
import type { HistoryEvent } from '../../chaos/history.js';
import { parseHistory, serializeHistory } from '../../chaos/history.js';
import { recordHistory } from '../../chaos/record-history.js';
import { startCluster } from '../../cluster/index.js';

test.serial('every call of a client is written down, and the history is one that checkers accept', async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const client = recordHistory(await cluster.connect());

  const { version } = await client.put('k', 'a');
  await client.compareAndSet('k', 'b', { expect: version, ttlMs: 60_000 });
  await t.throwsAsync(client.compareAndSet('k', 'c', { expect: version }), { code: 'CONDITION_FAILED' });
  await client.get('k');
  await client.delete('k');
  await client.get('k', { level: 'ONE' });
  await client.create('n', 1);
  await client.update<number>('n', (n = 0) => n + 1);
  await client.putMany([
    { key: 'p', value: { of: 'an object' } },
    { key: 'q', value: null },
  ]);
  await client.getMany(['p', 'q']);

  const operations = pairOperations(client.history);
  t.deepEqual(
    operations.map(({ kind, key, value, outcome }) => [kind, key, value, outcome]),
    [
      ['put', 'k', 'a', 'ok'],
      ['cas', 'k', 'b', 'ok'],
      ['cas', 'k', 'c', 'fail'],
      ['get', 'k', 'b', 'ok'],
      ['delete', 'k', undefined, 'ok'],
      ['get', 'k', null, 'ok'],
      ['create', 'n', '(1)', 'ok'],
      ['get', 'n', '(1)', 'ok'],
      ['cas', 'n', '(2)', 'ok'],
      ['put', 'p', operations[9]?.value, 'ok'],
      ['put', 'q', '(null)', 'ok'],
      ['get', 'p', operations[9]?.value, 'ok'],
      ['get', 'q', '(null)', 'ok'],
    ],
  );
  t.is(operations[2]?.code, 'CONDITION_FAILED');
  t.is(operations[2]?.version, operations[1]?.version);
  t.is(operations[1]?.ttlMs, 60_000);
  t.is(operations[8]?.expect, operations[7]?.version);
  const read = parseHistory(serializeHistory(client.history));
  t.is(check(read, { replicas: 3 }).verdict, 'valid');
});

test.serial('calls at the same time, and several clients, make one history', async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const history: HistoryEvent[] = [];
  const clients = [await cluster.connect(), await cluster.connect()].map((client) =>
    recordHistory(client, { into: history }),
  );

  await Promise.all(
    clients.flatMap((client, which) =>
      Array.from({ length: 20 }, async (_, index) => {
        await client.put('k', `${which}-${index}`);
        await client.update<string>('u', (before = '') => `${before.slice(-20)}${which}`, { timeoutMs: 20_000 });
        await client.get('k');
      }),
    ),
  );

  const result = check(history, { replicas: 3 });
  t.is(result.verdict, 'valid');
  t.true(result.operations >= 160);
  const processes = new Set(history.map((event) => event.process.split('/')[0]));
  t.deepEqual([...processes].sort(), ['c1', 'c2']);
});

test.serial('sessions are recorded as such, with the versions of what they wrote', async (t) => {
  const cluster = await startCluster({ policy: 'PA/EL' });
  t.teardown(() => cluster.stop());
  const client = recordHistory(await cluster.connect());
  for (const session of [client.session(), client.session()]) {
    await session.put('k', 'a', { level: 'ONE' });
    t.is((await session.get('k', { level: 'ONE' })).value, 'a');
    t.true(session.keys > 0);
  }
  const operations = pairOperations(client.history);
  t.deepEqual(
    operations.map(({ process, session, kind }) => [process, session, kind]),
    ['c1.s1', 'c1.s2'].flatMap((name) => [
      [name, name, 'put'],
      [name, name, 'get'],
    ]),
  );
  t.true(operations.every(({ version }) => version !== undefined));
  const { verdicts } = check(client.history);
  t.is(verdicts.find(({ checker }) => checker === 'read-your-writes')?.checkedOperations, 2);
});

test.serial('what nobody answers is unknown, and what was refused for certain is a failure', async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const client = recordHistory(await cluster.connect({ timeoutMs: 1_500, attemptTimeoutMs: 700 }), { process: 'me' });
  await client.put('k', 'a');
  for (const id of ['n1', 'n2', 'n3']) await cluster.pause(id);
  await t.throwsAsync(client.put('k', 'b'));
  await t.throwsAsync(client.put('', 'c'), { code: 'INVALID_ARGUMENT' });
  for (const id of ['n1', 'n2', 'n3']) await cluster.resume(id);

  const [first, second, third] = pairOperations(client.history);
  t.deepEqual([first?.outcome, second?.outcome, third?.outcome], ['ok', 'unknown', 'fail']);
  t.true(client.history.every(({ process }) => process === 'me'));
});
