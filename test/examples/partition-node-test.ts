/** A partition in a test of your own, with node:test (node --test). README.md shows this file. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startChaosCluster, type ChaosCluster } from 'fulcrum-kv/chaos';

let cluster: ChaosCluster;
before(async () => {
  cluster = await startChaosCluster({ nodes: 3, policy: 'PA/EL' });
});
after(() => cluster.stop());

void test('an available cluster goes on while it is cut into single nodes, and converges', async () => {
  const db = await cluster.connect();
  await cluster.partition('n1 | n2 | n3');
  const { receipt } = await db.put('cart', ['tea']);
  assert.equal(receipt.guarantee, 'eventual'); // and never more than was proven

  await cluster.heal();
  assert.deepEqual((await db.get('cart', { level: 'ALL' })).value, ['tea']);
});
