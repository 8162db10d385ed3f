import type { ExecutionContext } from 'ava';
import { hmacCursorSeal } from '../../src/adapters/cursor-seal.js';
import { MsgpackValueCodec } from '../../src/adapters/value-codec.js';
import { Client } from '../../src/client/client.js';
import type { GivenNode } from '../../src/client/nodes.js';
import { settingsOf, type ClientOptions } from '../../src/client/options.js';
import { FulcrumError, type ErrorCode } from '../../src/core/errors.js';
import type { MutateRequest, Reply, Request } from '../../src/core/request.js';
import { Ring } from '../../src/core/ring.js';
import type { Random } from '../../src/ports/random.js';
import { FakeClock } from './fake-clock.js';
import { RECEIPT } from '../core/receipts.js';
import { FakeCluster, mutated, valueReply, type FakeClusterOptions } from './fake-cluster.js';

/** Pauses are half of their bound. */
export const HALF: Random = { unit: () => 0.5, hex64: () => '00000000000000cc' };

export interface World {
  readonly clock: FakeClock;
  readonly cluster: FakeCluster;
}

export interface Connected extends World {
  readonly client: Client;
}

export function world(options: FakeClusterOptions = {}): World {
  const clock = new FakeClock();
  return { clock, cluster: new FakeCluster(clock, options) };
}

/** Time does not pass by itself: the caller lets it. */
export function opening(
  { clock, cluster }: World,
  given: readonly GivenNode[] = [{ address: cluster.addressOf('n1') }],
  options: ClientOptions = {},
  random: Random = HALF,
): Promise<Client> {
  const parts = { transport: cluster, clock, random, codec: new MsgpackValueCodec(), seal: hmacCursorSeal };
  return Client.open(settingsOf(options, given), parts);
}

export async function connected(
  options: ClientOptions & FakeClusterOptions & { readonly random?: Random } = {},
): Promise<Connected> {
  const here = world(options);
  const client = opening(here, undefined, options, options.random);
  await here.clock.turn();
  return { ...here, client: await client };
}

/** Each node answers so many milliseconds after it was asked; where nothing is said of a node, it does not. */
export function answersAfter({ cluster, clock }: World, delaysMs: Record<string, number>): void {
  cluster.script = (node, request) => {
    const delayMs = delaysMs[node];
    const { pipe, sent } = cluster.received.findLast((one) => one.request === request)!;
    const reply = goodReply(node, request);
    if (delayMs === 0) return reply;
    if (delayMs !== undefined) clock.setTimer(delayMs, () => pipe.answer(sent, reply));
    return undefined;
  };
}

/** What a node answers that has asked no other. */
export function goodReply(node: string, request: Request): Reply {
  const receipt = { ...RECEIPT, replicas: [node], coordinator: node };
  return request.kind === 'mutate' ? { ...mutated(request), receipt } : valueReply(null, { receipt });
}

/** How often each node was asked. */
export function askedOf({ cluster }: World): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { node } of cluster.received) counts[node] = (counts[node] ?? 0) + 1;
  return counts;
}

/** Lets time pass until the promise is settled. */
export async function settled<T>({ clock }: World, call: Promise<T>, stepMs = 10): Promise<T> {
  const state = { isSettled: false };
  const end = (): void => void (state.isSettled = true);
  call.then(end, end);
  for (let step = 0; !state.isSettled && step < 5_000; step += 1) await clock.pass(stepMs);
  return call;
}

/** A key whose home replicas, in ring order, are these. */
export function keyOf(homes: readonly string[], nodes: readonly string[] = ['n1', 'n2', 'n3']): string {
  const ring = new Ring({ nodes, replicas: homes.length });
  for (let i = 0; i < 10_000; i += 1) {
    const key = `key-${i}`;
    if (ring.homeReplicas(key).join() === homes.join()) return key;
  }
  throw new Error(`no key has the home replicas ${homes.join()}`);
}

export async function fails(t: ExecutionContext, call: Promise<unknown>, code: ErrorCode): Promise<FulcrumError> {
  const error = await t.throwsAsync(call, { instanceOf: FulcrumError });
  t.is(error.code, code, error.message);
  return error;
}

/** The identity of the operation in each mutation that reached a node. */
export function operationTimes(cluster: FakeCluster): number[] {
  return cluster.received.map(({ request }) => (request as MutateRequest).operation.id.time);
}
