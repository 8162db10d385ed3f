import test from 'ava';
import type { Conflict } from '../../src/core/conflict-ledger.js';
import { TestCluster } from './test-cluster.js';

function ledger(cluster: TestCluster): Conflict[] {
  const found: Conflict[] = [];
  for (const node of ['n1', 'n2', 'n3'])
    cluster.of(node).node.conflicts('', 100, (error, conflicts) => {
      if (error !== null) throw error;
      found.push(...conflicts);
    });
  cluster.timeline.settle();
  return found;
}

const texts = (conflicts: readonly Conflict[]): (string | null)[] =>
  conflicts.map(({ discarded: { value } }) => (value === null ? null : Buffer.from(value).toString()));

/** n3 alone, n1 and n2 together; each side has written; then the network heals and repair has done its work. */
function bothSides(first: 'minority' | 'majority'): { cluster: TestCluster; key: string } {
  const cluster = new TestCluster({ policy: 'PA/EC' });
  const key = cluster.key();
  cluster.network.isolate('n3');
  cluster.timeline.advance(3_000);
  for (const side of first === 'minority' ? ['minority', 'majority'] : ['majority', 'minority']) {
    cluster.mutated(cluster.put(side === 'minority' ? 'n3' : 'n1', key, side));
    cluster.timeline.advance(500);
  }
  cluster.network.reconnect('n3');
  cluster.timeline.advance(30_000);
  return { cluster, key };
}

test('an acknowledged write of the minority that the merge discarded is in the ledger, with both values', (t) => {
  const { cluster, key } = bothSides('minority');
  const [conflict, ...others] = ledger(cluster);
  t.deepEqual(others, []);
  t.is(conflict!.key, key);
  t.deepEqual(texts([conflict!]), ['minority']);
  t.is(Buffer.from(conflict!.winner.value!).toString(), 'majority');
  t.deepEqual(conflict!.heldBy, ['n3']);
});

test('an acknowledged write of the majority that the merge discarded is in the ledger too', (t) => {
  const { cluster } = bothSides('majority');
  const found = ledger(cluster);
  t.true(found.length > 0);
  t.deepEqual([...new Set(texts(found))], ['majority']);
});

test('of writes in order nothing is listed as certainly discarded: only what blind writes cannot prove', (t) => {
  const cluster = new TestCluster({ policy: 'PA/EC' });
  const key = cluster.key();
  for (const value of ['a', 'b', 'c']) {
    cluster.written('n1', key, value);
    cluster.timeline.advance(300);
  }
  cluster.network.isolate('n3');
  cluster.timeline.advance(3_000);
  for (const value of ['d', 'e', 'f']) {
    cluster.mutated(cluster.put('n3', key, value));
    cluster.timeline.advance(300);
  }
  cluster.network.reconnect('n3');
  cluster.timeline.advance(30_000);
  const found = ledger(cluster);
  t.deepEqual(
    found.filter(({ certain }) => certain),
    [],
  );
  // f was made of d and e, which n1 and n2 have never seen: it may have been made without c.
  t.deepEqual([...new Set(texts(found))], ['c']);
});

test('under EL writes that follow each other leave the ledger empty', (t) => {
  const cluster = new TestCluster({ policy: 'PC/EL' });
  const key = cluster.key();
  for (let count = 0; count < 20; count += 1) {
    cluster.mutated(cluster.put(`n${1 + (count % 3)}`, key, `v${count}`, { form: 'latency', level: 'ONE' }));
    cluster.timeline.advance(400);
  }
  t.deepEqual(texts(ledger(cluster)), []);
});
