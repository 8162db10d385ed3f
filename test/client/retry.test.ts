import test from 'ava';
import { FulcrumError } from '../../src/core/errors.js';
import { connected, fails, keyOf, operationTimes } from './connected.js';
import { errorReply, mutated, valueReply } from './fake-cluster.js';

const KEY = keyOf(['n1', 'n2', 'n3']);

test('what is queued for a pipe that closes goes to the next node at once, as a first attempt', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => errorReply('CONDITION_FAILED', { retryable: false });
  const put = fails(t, client.put(KEY, 1), 'CONDITION_FAILED');
  cluster.pipeTo('n1').lose('reset');
  await clock.turn();
  t.true((await put).definite);
  t.deepEqual(
    cluster.received.map(({ node }) => node),
    ['n2'],
  );
});

test('a mutation that was out when its pipe closed is sent to the next node as the same operation', async (t) => {
  const { client, cluster, clock } = await connected();
  const put = client.put(KEY, 1);
  await clock.turn();
  cluster.script = (_, request) => mutated(request);
  cluster.pipeTo('n1').lose('killed');
  await clock.turn();
  t.is((await put).key, KEY);
  t.deepEqual(
    cluster.received.map(({ node }) => node),
    ['n1', 'n2'],
  );
  const [first, second] = operationTimes(cluster);
  t.is(first, second);
});

test('when a node is lost, everything that it had under way goes on elsewhere, whatever the budget', async (t) => {
  const { client, cluster, clock } = await connected({ retryBudget: { tokens: 10 } });
  const puts = Array.from({ length: 500 }, (_, index) => client.put(KEY, index));
  await clock.turn();
  cluster.script = (_, request) => mutated(request);
  cluster.pipeTo('n1').lose('killed');
  await clock.turn();
  t.is((await Promise.all(puts)).length, 500);
});

test('when the next node is lost as well, the budget bounds what is sent again', async (t) => {
  const { client, cluster, clock } = await connected({ retryBudget: { tokens: 10, cost: 5 } });
  const puts = Promise.allSettled(Array.from({ length: 500 }, (_, index) => client.put(KEY, index)));
  for (const node of ['n1', 'n2']) {
    await clock.turn();
    cluster.pipeTo(node).lose('killed');
  }
  await clock.pass(6_000);
  await puts;
  t.is(cluster.received.length, 500 + 500 + 2);
});

test('a node that does not answer within the attempt’s time is passed over for the next one', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = (node) => (node === 'n1' ? undefined : valueReply(null));
  const got = client.get(KEY);
  await clock.pass(1_100);
  t.false((await got).found);
  t.deepEqual(
    cluster.received.map(({ node }) => node),
    ['n1', 'n3'],
  );
});

test('an answer that comes after its attempt was given up still counts', async (t) => {
  const { client, cluster, clock } = await connected();
  const put = client.put(KEY, 1);
  await clock.pass(1_100);
  t.is(cluster.received.length, 2);
  const [first, second] = cluster.received;
  first!.pipe.answer(first!.sent, mutated(first!.request));
  t.is((await put).existed, false);
  second!.pipe.answer(second!.sent, mutated(second!.request));
  await clock.pass(5_000);
  t.is(cluster.received.length, 2);
});

test('a retryable refusal is retried elsewhere after a pause, with a doubled one the next time', async (t) => {
  const { client, cluster, clock } = await connected();
  const sentAtMs: number[] = [];
  const startedMs = clock.nowMs;
  cluster.script = () => {
    sentAtMs.push(clock.nowMs - startedMs);
    return errorReply('OVERLOADED');
  };
  const got = fails(t, client.get(KEY), 'OVERLOADED');
  await clock.pass(500);
  await got;
  t.deepEqual(
    cluster.received.map(({ node }) => node),
    ['n1', 'n3', 'n2'],
  );
  const [first, second, third] = sentAtMs;
  t.is(first, 0);
  t.true(second! >= 25 && second! <= 45, `half of 50 ms, and a tick or two: ${second}`);
  t.true(third! - second! >= 50 && third! - second! <= 70, `half of 100 ms, and a tick or two: ${third! - second!}`);
});

test('a refusal that says when to come back is not sent again before that', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => errorReply('OVERLOADED', { retryAfterMs: 400 });
  const got = fails(t, client.get(KEY), 'OVERLOADED');
  await clock.pass(390);
  t.is(cluster.received.length, 1);
  await clock.pass(5_000);
  t.is(cluster.received.length, 3);
  await got;
});

test('a definite refusal stays one where another try would hardly have the time to be answered', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => errorReply('OVERLOADED');
  const put = fails(t, client.put(KEY, 1, { timeoutMs: 50 }), 'OVERLOADED');
  await clock.turn();
  cluster.script = undefined;
  await clock.pass(100);
  t.true((await put).definite);
  t.is(cluster.received.length, 1);
});

test('a refusal that is not retryable is not retried', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => errorReply('INVALID_ARGUMENT', { retryable: false });
  const got = fails(t, client.get(KEY), 'INVALID_ARGUMENT');
  await clock.pass(1_000);
  await got;
  t.is(cluster.received.length, 1);
});

test('a call is tried three times at most, also where one node is all there is', async (t) => {
  const { client, cluster, clock } = await connected({ nodes: ['n1'], replicas: 1 });
  cluster.script = () => errorReply('UNAVAILABLE');
  const got = fails(t, client.get('k'), 'UNAVAILABLE');
  await clock.pass(5_000);
  await got;
  t.is(cluster.received.length, 3);
});

test('a write that every attempt refused definitely certainly did not happen', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => errorReply('UNAVAILABLE', { missing: ['n2', 'n3'] });
  const put = fails(t, client.put(KEY, 1), 'UNAVAILABLE');
  await clock.pass(1_000);
  t.true((await put).definite);
  t.deepEqual((await put).missing, ['n2', 'n3']);
  t.is(cluster.received.length, 3);
});

test('a definite refusal does not settle what an earlier, lost attempt may have done (rule 21)', async (t) => {
  const { client, cluster, clock } = await connected();
  const put = fails(t, client.put(KEY, 1), 'OUTCOME_UNKNOWN');
  await clock.turn();
  cluster.script = () => errorReply('UNAVAILABLE');
  cluster.pipeTo('n1').lose('killed');
  await clock.pass(1_000);
  const error = await put;
  t.false(error.definite);
  t.false(error.retryable, 'the same call again would be another operation');
  t.true(error.cause instanceof FulcrumError && error.cause.code === 'UNAVAILABLE');
});

test('a late definite refusal of the attempt that was given up makes the whole definite again', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = (node) => (node === 'n1' ? undefined : errorReply('UNAVAILABLE', { retryAfterMs: 300 }));
  const put = fails(t, client.put(KEY, 1), 'UNAVAILABLE');
  await clock.pass(1_050);
  t.is(cluster.received.length, 2);
  const [first] = cluster.received;
  first!.pipe.answer(first!.sent, errorReply('OVERLOADED'));
  await clock.pass(2_000);
  t.true((await put).definite);
  t.is(cluster.received.length, 3);
});

test('a condition that failed is final also after a lost attempt: it is an answer from the window', async (t) => {
  const { client, cluster, clock } = await connected();
  const put = fails(t, client.put(KEY, 1), 'CONDITION_FAILED');
  await clock.turn();
  cluster.script = () => errorReply('CONDITION_FAILED', { retryable: false });
  cluster.pipeTo('n1').lose('killed');
  await clock.turn();
  t.true((await put).definite);
});

test('a write that no node answers in time has an unknown outcome, a read has timed out', async (t) => {
  const { client, clock, cluster } = await connected();
  const put = fails(t, client.put(KEY, 1, { timeoutMs: 800 }), 'OUTCOME_UNKNOWN');
  const got = fails(t, client.get(KEY, { timeoutMs: 800 }), 'TIMEOUT');
  await clock.pass(790);
  t.is(cluster.received.length, 2);
  await clock.pass(30);
  t.false((await put).definite);
  t.true((await got).definite);
  t.true((await put).cause instanceof FulcrumError);
});

test('the whole call keeps to its timeout, and each attempt is told what is left of it', async (t) => {
  const { client, clock, cluster } = await connected();
  const startedMs = clock.nowMs;
  const got = fails(t, client.get(KEY, { timeoutMs: 1_500 }), 'TIMEOUT');
  let endedMs = 0;
  void got.then(() => (endedMs = clock.nowMs - startedMs));
  await clock.pass(3_000);
  await got;
  t.true(endedMs >= 1_500 && endedMs <= 1_530, `${endedMs}`);
  const [first, second, ...more] = cluster.received.map(({ request }) => request.timeoutMs);
  t.is(first, 950);
  t.true(second! >= 423 && second! <= 450, `${second}`);
  t.deepEqual(more, []);
});

test('with no node connected a write fails soon and definitely, and says what is wrong with each', async (t) => {
  const { client, cluster, clock } = await connected();
  for (const node of cluster.nodes) cluster.down.add(node);
  for (const node of cluster.nodes) cluster.pipeTo(node).lose('killed');
  const put = fails(t, client.put(KEY, 1), 'UNAVAILABLE');
  await clock.pass(500);
  t.true((await put).definite);
  t.regex((await put).message, /n1.*n2.*n3/);
  t.truthy((await put).cause);
});

test('every node killed with a write out: its outcome is unknown', async (t) => {
  const { client, cluster, clock } = await connected();
  const put = fails(t, client.put(KEY, 1), 'OUTCOME_UNKNOWN');
  await clock.turn();
  for (const node of cluster.nodes) cluster.down.add(node);
  for (const node of cluster.nodes) cluster.pipeTo(node).lose('killed');
  await clock.pass(5_000);
  t.false((await put).definite);
});

test('an unknown outcome that a node reports is passed on as it is', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = () => errorReply('OUTCOME_UNKNOWN', { definite: false, retryable: false });
  const put = fails(t, client.put(KEY, 1), 'OUTCOME_UNKNOWN');
  await clock.turn();
  t.is((await put).message, 'refused with OUTCOME_UNKNOWN');
});

test('a write too old for the window is minted again above the floor, where nothing else was sent', async (t) => {
  const { client, cluster, clock } = await connected();
  const floor = clock.physicalMicros() + 200_000;
  cluster.script = (_, request) =>
    cluster.received.length === 1 ? errorReply('TOO_OLD', { floor, retryable: false }) : mutated(request);
  const put = client.put(KEY, 1);
  await clock.turn();
  t.false((await put).existed);
  const [first, second] = operationTimes(cluster);
  t.true(first! < floor);
  t.true(second! > floor);
  t.deepEqual(
    cluster.received.map(({ node }) => node),
    ['n1', 'n1'],
  );
});

test('a write too old for the window after a lost attempt has an unknown outcome, and is not minted again', async (t) => {
  const { client, cluster, clock } = await connected();
  const put = fails(t, client.put(KEY, 1), 'OUTCOME_UNKNOWN');
  await clock.turn();
  cluster.script = () => errorReply('TOO_OLD', { floor: clock.physicalMicros(), retryable: false });
  cluster.pipeTo('n1').lose('killed');
  await clock.pass(1_000);
  t.false((await put).definite);
  t.is(cluster.received.length, 2);
  t.is(new Set(operationTimes(cluster)).size, 1);
});

test('a floor further ahead than replicas follow is not chased: the write fails, definitely', async (t) => {
  const { client, cluster, clock } = await connected();
  const floor = clock.physicalMicros() + 10_000_000;
  cluster.script = () => errorReply('TOO_OLD', { floor, retryable: false });
  const put = fails(t, client.put(KEY, 1), 'TOO_OLD');
  await clock.turn();
  t.true((await put).definite);
  cluster.script = (_, request) => mutated(request);
  await Promise.all([client.put('other', 1), clock.turn()]);
  t.true(operationTimes(cluster).at(-1)! < floor);
});

test('an operation’s identity is new for every call and grows', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = (_, request) => mutated(request);
  await Promise.all([...Array.from({ length: 100 }, () => client.put(KEY, 1)), clock.turn()]);
  const times = operationTimes(cluster);
  t.is(times.length, 100);
  t.true(times.every((time, index) => index === 0 || time > times[index - 1]!));
});

test('a write is minted above the version that an earlier call saw', async (t) => {
  const { client, cluster, clock } = await connected();
  const time = clock.physicalMicros() + 400_000;
  const version = { time, incarnation: '00000000000000dd', sub: 0, index: 0 };
  cluster.script = (_, request) => (request.kind === 'get' ? valueReply(null, { version }) : mutated(request));
  await Promise.all([client.get(KEY), clock.turn()]);
  await Promise.all([client.put(KEY, 1, { level: 'ONE' }), clock.turn()]);
  t.is(cluster.received.length, 2);
  const { request } = cluster.received[1]!;
  t.true(request.kind === 'mutate' && request.operation.id.time > time);
});

test('a pipe that throws is a pipe that is lost: the write goes on elsewhere as the same operation', async (t) => {
  const { client, cluster, clock } = await connected();
  cluster.script = (_, request) => mutated(request);
  cluster.pipeTo('n1').send = () => {
    throw new Error('write after end');
  };
  const put = client.put(KEY, 1);
  await clock.turn();
  t.is((await put).key, KEY);
  t.deepEqual(
    cluster.received.map(({ node }) => node),
    ['n2'],
  );
  t.true(cluster.pipeTo('n1').isClosed);
});
