import test from 'ava';
import { diskOf, node, NOWHERE, withPair } from './link-node.js';
import { until } from './wire.js';

test('a node that comes with another data folder is refused under its old name, and told so', async (t) => {
  const a = node('a');
  const b = node('b');
  b.disks.set('a', diskOf('a', 1, 'the folder that was lost'));
  await b.start({ a: NOWHERE });
  await a.start({ b: b.server.address });
  try {
    await until(() => b.log.lines.some((line) => line.includes('another data folder')), 'the refusal is logged');
    t.deepEqual(a.ups, []);
  } finally {
    await a.stop();
    await b.stop();
  }
});

test('a node that has lost its disk learns it from the first peer that remembers it', async (t) => {
  const a = node('a');
  const b = node('b');
  a.disks.set('b', { ...diskOf('b', 7), incarnation: 'e'.repeat(16) });
  await b.start({ a: NOWHERE });
  await a.start({ b: b.server.address });
  try {
    await until(() => b.disownedBy.length > 0, 'b is told');
    t.regex(b.disownedBy[0]!, /Node a says: node b comes with an older copy of its data folder/);
    t.deepEqual(a.ups, []);
  } finally {
    await a.stop();
    await b.stop();
  }
});

test('a node that was started again on its own disk is welcome, and remembered anew', async (t) => {
  await withPair(async (a, b) => {
    await until(() => a.ups.length === 1, 'the link is up');
    t.deepEqual(a.disks.get('b'), b.own);
  });
});
