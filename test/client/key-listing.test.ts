import test from 'ava';
import type { Client } from '../../src/client/client.js';
import { compareKeys } from '../../src/core/key-order.js';
import type { Request } from '../../src/core/request.js';
import type { Reply } from '../../src/core/request.js';
import { Ring } from '../../src/core/ring.js';
import { connected, fails, type Connected } from './connected.js';
import { errorReply } from './fake-cluster.js';

const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];
const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const KEYS = [
  ...Array.from({ length: 500 }, (_, index) => `key-${index}`),
  ...['\u{1f600}', '\ufffd', 'é', 'a', 'ab', '\u{10000}', 'a\u{1f600}', 'a\uffff'],
].sort(inBytes);

/** Five nodes that hold the keys of their ranges. */
async function loaded(): Promise<Connected & { readonly lists: Map<string, string[]> }> {
  const here = await connected({ nodes: FIVE });
  const ring = new Ring({ nodes: FIVE, replicas: 3 });
  const lists = new Map(FIVE.map((node) => [node, KEYS.filter((key) => ring.homeReplicas(key).includes(node))]));
  here.cluster.script = (node, request) => page(lists.get(node)!, request);
  return { ...here, lists };
}

function page(list: readonly string[], request: Request): Reply | undefined {
  if (request.kind !== 'list') return undefined;
  const rest = list.filter((key) => inBytes(key, request.from) >= 0);
  const keys = rest.slice(0, request.limit);
  return { kind: 'keys', keys, deleted: [], through: rest.length > request.limit ? keys.at(-1)! : null };
}

async function all(client: Client, pageSize: number): Promise<string[]> {
  const keys: string[] = [];
  for await (const some of client.listKeys({ pageSize, timeoutMs: 1_000 })) keys.push(...some);
  return keys;
}

async function listed({ client, clock }: Connected, pageSize = 7): Promise<string[]> {
  const keys = all(client, pageSize);
  for (let i = 0; i < 500; i += 1) await clock.turn();
  await clock.pass(5_000);
  return keys;
}

test('keys are compared as their UTF-8 bytes are', (t) => {
  for (const a of KEYS) {
    for (const b of KEYS.slice(-20)) t.is(Math.sign(compareKeys(a, b)), Math.sign(inBytes(a, b)), `${a} ${b}`);
  }
});

for (const pageSize of [1, 7, 10_000]) {
  test(`every key is listed once, in byte order, ${pageSize} at a time`, async (t) => {
    t.deepEqual(await listed(await loaded(), pageSize), KEYS);
  });
}

test('the keys of a node that is gone come from the others', async (t) => {
  const here = await loaded();
  here.cluster.down.add('n2');
  here.cluster.pipeTo('n2').lose('killed');
  t.deepEqual(await listed(here), KEYS);
});

test('a node that fails half-way does not lose a key', async (t) => {
  const here = await loaded();
  const { script } = here.cluster;
  let pages = 0;
  here.cluster.script = (node, request) => {
    if (node === 'n4') pages += 1;
    return node === 'n4' && pages > 5 ? errorReply('UNAVAILABLE', { retryable: false }) : script!(node, request);
  };
  t.deepEqual(await listed(here), KEYS);
  t.true(pages > 5);
});

test('nodes that were lost at different times do not end a listing while each of them is back', async (t) => {
  const here = await loaded();
  const { script } = here.cluster;
  const asked = new Map<string, number>();
  here.cluster.script = (node, request) => {
    const count = (asked.get(node) ?? 0) + 1;
    asked.set(node, count);
    const fails = count === { n1: 3, n2: 9, n4: 12, n5: 20 }[node];
    return fails ? errorReply('UNAVAILABLE', { retryable: false }) : script!(node, request);
  };
  t.deepEqual(await listed(here), KEYS);
});

test('listing fails, naming the nodes, once a majority of a key’s home replicas may be gone', async (t) => {
  const here = await loaded();
  for (const node of ['n2', 'n5']) {
    here.cluster.down.add(node);
    here.cluster.pipeTo(node).lose('killed');
  }
  const error = await fails(t, listed(here), 'UNAVAILABLE');
  t.deepEqual(error.missing, ['n2', 'n5']);
  t.true(error.definite);
  t.regex(error.message, /n2.*connection refused/);
  t.notRegex(error.message, /n1:7401|n3:7401/, 'nodes that can be read are not blamed');
});

test('a page that looks no further but promises more is a failure of that node, not an end and not a loop', async (t) => {
  const here = await loaded();
  const { script } = here.cluster;
  here.cluster.script = (node, request) =>
    node === 'n1' ? { kind: 'keys', keys: [], deleted: [], through: 'a' } : script!(node, request);
  t.deepEqual(await listed(here), KEYS);
});

test('an empty cluster has no keys', async (t) => {
  const here = await connected();
  here.cluster.script = () => ({ kind: 'keys', keys: [], deleted: [], through: null });
  t.deepEqual(await listed(here), []);
});
