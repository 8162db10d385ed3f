/** A partition in a test of your own, with AVA (https://github.com/avajs/ava). README.md shows this file. */
import test from 'ava';
import { check, recordHistory, startChaosCluster } from 'fulcrum-kv/chaos';

test('a cut-off node refuses, the others serve, and no promise is broken', async (t) => {
  await using cluster = await startChaosCluster({ nodes: 3, policy: 'PC/EC' });
  const db = recordHistory(await cluster.connect());
  await db.put('stock', 10);

  await cluster.partition('n1 | n2 n3');
  await db.put('stock', 9); // by the side that has a majority
  t.is((await db.get('stock')).value, 9);

  await cluster.heal();
  t.is((await db.put('stock', 8, { level: 'ALL' })).receipt.acks, 3);
  t.is(check(db.history).verdict, 'valid');
});
