import test from 'ava';
import { isLookUp } from '../../src/core/operation.js';
import type { MutateRequest, Reply, Request } from '../../src/core/request.js';
import { connected, fails, type Connected } from './connected.js';
import { RECEIPT } from '../core/receipts.js';
import { errorReply, mutated } from './fake-cluster.js';

const isLook = (request: Request): request is MutateRequest =>
  request.kind === 'mutate' && isLookUp(request.operation.mutation);

/** A put whose answer never comes, and its error. */
async function lostPut(here: Connected, options: object = {}): Promise<{ operation: string; request: MutateRequest }> {
  here.cluster.script = () => undefined;
  let error: unknown;
  here.client.put('k', 'v', { timeoutMs: 300, ...options }).catch((reason: unknown) => (error = reason));
  await here.clock.pass(400);
  const { code, definite, operation } = error as { code: string; definite: boolean; operation: string };
  if (code !== 'OUTCOME_UNKNOWN' || definite) throw new Error(`not ${code}`);
  return { operation, request: here.cluster.received.at(-1)!.request as MutateRequest };
}

function refusedAs(code: 'CONDITION_FAILED' | 'TOO_OLD' | 'OUTCOME_UNKNOWN', acks = 2): Reply {
  const receipt = { ...RECEIPT, acks };
  const version = { time: 1, incarnation: '00000000000000aa', sub: 0, index: 0 };
  return { ...errorReply(code, { retryable: false }), version, existed: true, receipt, serverMicros: 1 };
}

test('an error that leaves a write open names its operation, which is looked up in its key under the same identity', async (t) => {
  const here = await connected();
  const { operation, request } = await lostPut(here);
  here.cluster.script = (_, asked) => mutated(asked);
  const resolving = here.client.resolve('k', operation);
  await here.clock.turn();
  const { outcome, version, receipt, reason } = await resolving;
  t.is(outcome, 'applied');
  t.truthy(version);
  t.truthy(receipt);
  t.is(reason, undefined);
  const looked = here.cluster.received.at(-1)!.request as MutateRequest;
  t.true(isLook(looked));
  t.deepEqual(looked.operation.id, request.operation.id);
  t.like(looked, { key: 'k', level: 'QUORUM', name: null });
});

test('any client of the cluster takes the operation, for its own key alone', async (t) => {
  const { operation } = await lostPut(await connected());
  const there = await connected();
  there.cluster.script = () => refusedAs('CONDITION_FAILED');
  const resolving = there.client.resolve('k', operation);
  await there.clock.turn();
  t.like(await resolving, { key: 'k', outcome: 'notApplied', version: undefined });
  const sent = there.cluster.received.length;
  await fails(t, there.client.resolve('other', operation), 'INVALID_ARGUMENT');
  for (const wrong of [operation.slice(0, -20), `${operation.slice(0, 12)}x${operation.slice(13)}`, 'op:', '']) {
    await fails(t, there.client.resolve('k', wrong), 'INVALID_ARGUMENT');
  }
  await fails(t, there.client.resolve('k', 7 as unknown as string), 'INVALID_ARGUMENT');
  t.is(there.cluster.received.length, sent);
});

test('a write with an opId is looked up by that, and its error says so', async (t) => {
  const here = await connected();
  const { operation } = await lostPut(here, { opId: 'order-1' });
  t.is(operation, 'order-1');
  here.cluster.script = () => refusedAs('CONDITION_FAILED');
  const resolving = here.client.resolve('k', 'order-1');
  await here.clock.turn();
  t.is((await resolving).outcome, 'notApplied');
  t.like(here.cluster.received.at(-1)?.request, { name: 'order-1' });
});

test('what the key has forgotten, or nobody can tell, is unknown and says why', async (t) => {
  for (const code of ['TOO_OLD', 'OUTCOME_UNKNOWN'] as const) {
    const here = await connected();
    const { operation } = await lostPut(here);
    here.cluster.script = () => refusedAs(code);
    const resolving = here.client.resolve('k', operation);
    await here.clock.pass(100);
    const { outcome, receipt, reason } = await resolving;
    t.deepEqual([outcome, receipt], ['unknown', undefined]);
    t.truthy(reason);
  }
});

test('where nobody answers, resolving fails with why, and not with an outcome', async (t) => {
  const here = await connected();
  const { operation } = await lostPut(here);
  const resolving = fails(t, here.client.resolve('k', operation, { timeoutMs: 500 }), 'TIMEOUT');
  await here.clock.pass(600);
  await resolving;
  here.cluster.script = () => errorReply('UNAVAILABLE', { retryable: false });
  const refused = fails(t, here.client.resolve('k', operation, { timeoutMs: 500 }), 'UNAVAILABLE');
  await here.clock.pass(600);
  await refused;
});

test('a latency write is not applied only once every home replica has taken what is over it', async (t) => {
  for (const [acks, expected] of [
    [3, 'notApplied'],
    [2, 'unknown'],
  ] as const) {
    const here = await connected({ policy: 'PC/EL' });
    const { operation } = await lostPut(here);
    const levels: unknown[] = [];
    here.cluster.script = (_, request) => {
      levels.push((request as MutateRequest).level);
      return refusedAs('CONDITION_FAILED', levels.length === 1 ? 2 : acks);
    };
    const resolving = here.client.resolve('k', operation);
    await here.clock.turn();
    t.is((await resolving).outcome, expected);
    t.deepEqual(levels, ['QUORUM', 'ALL']);
  }
  const here = await connected({ policy: 'PC/EL' });
  const { operation } = await lostPut(here);
  here.cluster.script = (_, request) =>
    (request as MutateRequest).level === 'ALL'
      ? errorReply('UNAVAILABLE', { retryable: false })
      : refusedAs('CONDITION_FAILED');
  const resolving = here.client.resolve('k', operation);
  await here.clock.pass(100);
  t.is((await resolving).outcome, 'unknown');
});

test('a definite failure names no operation: there is nothing to resolve', async (t) => {
  const here = await connected();
  here.cluster.script = () => errorReply('UNAVAILABLE', { retryable: false });
  const failing = fails(t, here.client.put('k', 'v'), 'UNAVAILABLE');
  await here.clock.pass(100);
  t.is((await failing).operation, undefined);
});
