import test, { type ExecutionContext } from 'ava';
import type { ClientOptions } from '../../src/client/options.js';
import type { Session } from '../../src/client/session.js';
import { FulcrumError } from '../../src/core/errors.js';
import type { MutateRequest } from '../../src/core/request.js';
import { Seeded } from '../chaos/support/seeded.js';
import { connected, fails, opening, world, type Connected } from './connected.js';
import { LaggingReplicas } from './lagging-replicas.js';

const ONE = { level: 'ONE' } as const;

interface Lagging extends Connected {
  readonly replicas: LaggingReplicas;
  /** Lets time pass until it is settled. */
  readonly done: <T>(promise: Promise<T>) => Promise<T>;
}

async function lagging(lagMs: number, options: ClientOptions = {}): Promise<Lagging> {
  const here = await connected({ policy: 'PC/EL', balance: 'roundRobin', hedge: false, ...options });
  const replicas = new LaggingReplicas(here, new Seeded(7));
  replicas.lagMs = lagMs;
  const done = async <T>(promise: Promise<T>): Promise<T> => {
    const state = { isSettled: false };
    const mark = (): void => void (state.isSettled = true);
    promise.then(mark, mark);
    for (let ms = 0; !state.isSettled && ms < 60_000; ms += 5) await here.clock.pass(5);
    return promise;
  };
  return { ...here, replicas, done };
}

/** A value that one replica has and the others never get. */
async function stranded(t: ExecutionContext): Promise<Lagging & { session: Session }> {
  const here = await lagging(1_000_000);
  here.replicas.lossy = 1;
  const session = here.client.session();
  await here.done(session.put('k', 'mine', ONE));
  const nodes = here.cluster.nodes.filter((node) => here.replicas.recordOf(node, 'k').state !== null);
  t.is(nodes.length, 1);
  return { ...here, session };
}

test('a read that meets a replica which is behind asks the others at once', async (t) => {
  const { client, session, clock, done } = await stranded(t);
  for (let i = 0; i < 6; i += 1) {
    const startedMs = clock.nowMs;
    t.is((await done(session.get('k', ONE))).value, 'mine');
    t.true(clock.nowMs - startedMs <= 5);
  }
  const values = [];
  for (let i = 0; i < 3; i += 1) values.push((await done(client.get('k', ONE))).value);
  t.deepEqual(values.sort(), ['mine', undefined, undefined], 'without the session, two replicas of three show nothing');
});

test('a read waits for a replica to catch up where those that have it do not answer', async (t) => {
  const { client, cluster, clock, replicas, done } = await lagging(400);
  const session = client.session();
  await done(session.put('k', 'mine', ONE));
  const holder = cluster.nodes.find((node) => replicas.recordOf(node, 'k').state !== null)!;
  const { script } = cluster;
  cluster.script = (node, request) => (node === holder ? undefined : script!(node, request));
  const startedMs = clock.nowMs;
  t.is((await done(session.get('k', ONE))).value, 'mine');
  t.true(clock.nowMs - startedMs < 1_500);
});

test('where nobody catches up in time the read says who was behind, and nothing stays under way', async (t) => {
  const { session, replicas, cluster, clock, client, done } = await stranded(t);
  const holder = cluster.nodes.find((node) => replicas.recordOf(node, 'k').state !== null)!;
  const { script } = cluster;
  cluster.script = (node, request) => (node === holder ? undefined : script!(node, request));
  const startedMs = clock.nowMs;
  const error = await fails(t, done(session.get('k', { ...ONE, timeoutMs: 1_700 })), 'UNAVAILABLE');
  t.true(clock.nowMs - startedMs >= 1_700 && clock.nowMs - startedMs < 1_800);
  t.like(error, { definite: true, retryable: true, required: 1, received: 0 });
  for (const node of cluster.nodes) if (node !== holder) t.regex(error.message, new RegExp(`behind:.*${node}`));
  await done(client.close());
  await clock.pass(5_000);
  t.is(clock.timers, 0);
});

test('what was lost to another write is an error and not an older value, until it is overwritten or forgotten', async (t) => {
  const { client, cluster, replicas, done } = await lagging(1);
  const session = client.session();
  await done(session.put('k', 'old', ONE));
  replicas.spread('k');
  const { state: old } = replicas.recordOf('n1', 'k');
  replicas.lossy = 1;
  await done(session.put('k', 'mine', ONE));
  // A majority that never held it agrees on what it has, and repair brings that to the one that did.
  replicas.agree('k', old!);
  for (const node of cluster.nodes) t.is(replicas.recordOf(node, 'k').state, old);
  const token = session.token;
  await fails(t, done(session.get('k', { ...ONE, timeoutMs: 1_000 })), 'UNAVAILABLE');
  session.forget('k');
  t.is((await done(session.get('k', ONE))).value, 'old');
  const again = client.session(token);
  await done(client.put('k', 'theirs', { opId: 'theirs' }));
  replicas.spread('k');
  t.is((await done(again.get('k', ONE))).value, 'theirs');
});

test('a session goes on elsewhere with its token, and its writes come after what it saw', async (t) => {
  const { client, session, done } = await stranded(t);
  const { token } = session;
  t.regex(token, /^[\w-]+$/);
  const there = client.session(token);
  for (let i = 0; i < 4; i += 1) t.is((await done(there.get('k', ONE))).value, 'mine');
  const { receipt } = await done(client.session({ token }).put('k', 'later', ONE));
  t.false(receipt.superseded);
});

test('a write says what the session has seen of the key, so that it is carried out above it', async (t) => {
  const { cluster, session, done } = await stranded(t);
  await done(session.put('k', 'later', { level: 'QUORUM' }));
  const [first, later] = cluster.received.flatMap(({ request }) => (request.kind === 'mutate' ? [request] : []));
  t.is(first!.above, undefined);
  t.truthy(later!.above);
  t.deepEqual(later!.above, first!.operation.id);
  await done(session.delete('other'));
  t.is((cluster.received.at(-1)!.request as MutateRequest).above, undefined, 'nothing was seen of it');
});

test('a write below what the session has seen of the key is told as superseded, also by a node that does not know', async (t) => {
  const { client, replicas, done } = await lagging(1_000_000);
  replicas.lossy = 1;
  const theirs = Uint8Array.of(7);
  replicas.writeAhead('n1', 'k', theirs, 2_000);
  const session = client.session();
  const seen = async (): Promise<unknown> => (await done(session.get('k', ONE))).value;
  while ((await seen()) === undefined);
  const told: boolean[] = [];
  for (let i = 0; i < 4; i += 1) told.push((await done(session.put('k', 'mine', ONE))).receipt.superseded);
  t.deepEqual(told, [true, true, true, true]);
  t.deepEqual(Uint8Array.from((await seen()) as Uint8Array), theirs);
  const others = await Promise.all([1, 2, 3].map(() => done(client.put('k', 'mine', ONE))));
  t.true(
    others.some(({ receipt }) => !receipt.superseded),
    'the nodes that were asked do not know it',
  );
});

test('what has expired by one clock does not come back to the session by another', async (t) => {
  const { client, replicas, done } = await lagging(1);
  await done(client.put('k', 'mine', { ...ONE, ttlMs: 60_000 }));
  replicas.spread('k');
  const unaware = client.session();
  const aware = client.session();
  t.true((await done(aware.get('k', ONE))).found);
  replicas.fast.add('n1');
  for (const session of [unaware, aware]) {
    while ((await done(session.get('k', ONE))).found);
    const again = client.session(session.token);
    for (let i = 0; i < 3; i += 1) {
      t.false((await done(session.get('k', ONE))).found);
      t.false((await done(again.get('k', ONE))).found);
    }
  }
  await done(client.put('k', 'later', ONE));
  replicas.spread('k');
  for (const session of [unaware, aware]) t.is((await done(session.get('k', ONE))).value, 'later');
});

test('the token of another cluster, of another secret, a changed one and no token at all are refused at once', async (t) => {
  const { session, client } = await stranded(t);
  const { token } = session;
  const elsewhere = world({ policy: 'PC/EL' });
  elsewhere.cluster.name = 'another';
  const opened = opening(elsewhere);
  await elsewhere.clock.turn();
  const stranger = await opened;
  const other = await connected({ policy: 'PC/EL' });
  const secret = await connected({ policy: 'PC/EL', cursorSecret: 'hush' });
  t.notThrows(() => other.client.session(token), 'the same cluster');
  const refused = (run: () => unknown): string => {
    const error = t.throws(run, { instanceOf: FulcrumError });
    t.is(error.code, 'INVALID_ARGUMENT');
    return error.message;
  };
  t.regex(
    refused(() => stranger.session(token)),
    /none of a session of this cluster/,
  );
  t.notThrows(() => secret.client.session(secret.client.session().token));
  refused(() => client.session(secret.client.session().token));
  for (const text of ['', 'x', 'AA', `${token}A`, token.slice(0, -1), 'é'.repeat(9), 'A'.repeat(600_000)]) {
    refused(() => client.session(text));
  }
  for (let at = 0; at < token.length; at += 7) {
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    refused(() => client.session(changed));
  }
  t.regex(
    refused(() => client.session('Ag')),
    /later version/,
  );
  refused(() => client.session({ token: 7 as unknown as string }));
});

test('a full session refuses another key before anything is sent, and takes it when one is forgotten', async (t) => {
  const { client, cluster, done } = await lagging(5);
  const session = client.session({ keysMax: 2 });
  await done(session.put('a', 1, ONE));
  await done(session.put('b', 1, ONE));
  const sent = cluster.received.length;
  t.true((await fails(t, session.put('c', 1, ONE), 'OVERLOADED')).definite);
  await fails(t, session.get('c', ONE), 'OVERLOADED');
  t.is(cluster.received.length, sent);
  await done(session.put('a', 2, ONE));
  session.forget('b');
  t.is((await done(session.put('c', 1, ONE))).key, 'c');
  for (const keysMax of [0, 1.5, 10_001, NaN])
    t.throws(() => client.session({ keysMax }), { instanceOf: FulcrumError });
});

test('a deletion is seen by its session, also once all replicas have forgotten it', async (t) => {
  const { client, replicas, done } = await lagging(200);
  const session = client.session();
  await done(session.put('k', 'old', ONE));
  await done(session.delete('k', ONE));
  for (let i = 0; i < 4; i += 1) t.false((await done(session.get('k', ONE))).found);
  replicas.collect('k');
  for (let i = 0; i < 4; i += 1) t.false((await done(session.get('k', ONE))).found);
});

test('a value that others deleted and all replicas have forgotten is gone for the session, too', async (t) => {
  const { client, replicas, done } = await lagging(1);
  const session = client.session();
  await done(session.put('k', 'old', ONE));
  replicas.collect('k');
  t.false((await done(session.get('k', ONE))).found);
});

test('a read of a session is given up by its signal alone, while it asks and while it waits', async (t) => {
  const { session, replicas, cluster, clock, done } = await stranded(t);
  const holder = cluster.nodes.find((node) => replicas.recordOf(node, 'k').state !== null)!;
  const { script } = cluster;
  cluster.script = (node, request) => (node === holder ? undefined : script!(node, request));
  const controller = new AbortController();
  const reading = session.get('k', { ...ONE, signal: controller.signal });
  const failing = fails(t, reading, 'ABORTED');
  await clock.pass(300);
  controller.abort(new Error('enough'));
  await done(failing);
  const gone = AbortSignal.abort(new Error('before'));
  await fails(t, done(session.get('k', { ...ONE, signal: gone })), 'ABORTED');
});

test('conditions are judged as without a session, and what they wrote is seen', async (t) => {
  const { client, done } = await lagging(300);
  const session = client.session();
  const { version } = await done(session.create('k', 'first'));
  const second = await done(session.compareAndSet('k', 'second', { expect: version }));
  for (let i = 0; i < 4; i += 1) t.is((await done(session.get('k', ONE))).version, second.version);
  await fails(t, session.compareAndSet('k', 'x', { expect: 'v1' }), 'INVALID_ARGUMENT');
});
