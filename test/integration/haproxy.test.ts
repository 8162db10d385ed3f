/** Balancers between clients and nodes: whole connections (L4), and call by call (L7). */
import test, { type ExecutionContext } from 'ava';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { connect } from '../../src/index.js';
import { untilAnswered } from './calls-through.js';
import { HAS_HAPROXY, startHaproxy, type Balancing } from './haproxy.js';
import { UnaryClient } from './unary-client.js';

const withHaproxy = HAS_HAPROXY ? test.serial : test.serial.skip;

async function balanced(t: ExecutionContext, mode: Balancing): Promise<{ cluster: LocalCluster; address: string }> {
  const cluster = await startCluster({ nodes: 3, replicas: 3 });
  t.teardown(() => cluster.stop());
  const haproxy = await startHaproxy(mode, cluster);
  t.teardown(() => haproxy.stop());
  return { cluster, address: haproxy.address };
}

/** Repeats a call of an idempotent kind until it succeeds. */
async function untilDone<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

for (const mode of ['tcp', 'http'] as const) {
  const level = mode === 'tcp' ? 'L4 (whole connections)' : 'L7 (HTTP/2)';

  withHaproxy(`an SDK client works through HAProxy at ${level}, also when its node dies`, async (t) => {
    const { cluster, address } = await balanced(t, mode);
    const client = await untilDone(() => connect({ nodes: [address], discover: false }));
    t.teardown(() => client.close());
    const keys = Array.from({ length: 100 }, (_, index) => `balanced-${index}`);
    await Promise.all(keys.map((key) => client.put(key, key)));
    const large = new Uint8Array(300_000).fill(7);
    await client.put('large', large);

    const connected = client.cluster.nodes.filter((node) => node.connected).map(({ id }) => id);
    t.is(connected.length, 1, 'it knows no way but the balancer');
    await cluster.kill(connected[0]!);
    await untilAnswered(() => client.put('after', 'the death of its node', { timeoutMs: 10_000 }));
    const entries = await untilAnswered(async () => {
      const read = await client.getMany<string>(keys);
      for (const { error } of read) if (error !== undefined) throw error;
      return read;
    });
    t.deepEqual(
      entries.map(({ result }) => result?.value),
      keys,
    );
    const { value } = await untilAnswered(() => client.get<Uint8Array>('large'));
    t.is(value?.length, large.length);
    const now = client.cluster.nodes.filter((node) => node.connected).map(({ id }) => id);
    t.notDeepEqual(now, connected);
  });

  withHaproxy(`a plain gRPC client works through HAProxy at ${level}, also when a node dies`, async (t) => {
    const { cluster, address } = await balanced(t, mode);
    const client = new UnaryClient(address);
    t.teardown(() => client.close());
    await untilDone(() => client.put('k', 'v'));
    const coordinators = new Set<string>();
    for (let i = 0; i < 30; i += 1) coordinators.add((await untilDone(() => client.get('k'))).receipt.coordinator);
    if (mode === 'tcp') t.is(coordinators.size, 1, 'one connection leads to one node');
    else t.is(coordinators.size, 3, 'each call goes to the next node');
    await cluster.kill([...coordinators][0]!);
    const { value } = await untilDone(() => client.get('k'));
    t.is(value.toString(), 'v');
  });
}
