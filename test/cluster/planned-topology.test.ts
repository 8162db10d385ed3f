import test from 'ava';
import { isLocal, plannedTopology } from '../../cluster/planned-topology.js';
import { localTopology } from '../../cluster/topology.js';

const noPorts = { grpc: [], http: [] };

test('a new cluster takes what was asked for', (t) => {
  const plan = plannedTopology('fresh', undefined, { nodes: 5, replicas: 3, policy: 'PA/EL' }, noPorts);
  t.is(plan.name, 'fresh');
  t.is(plan.nodes.length, 5);
  t.is(plan.replicas, 3);
  t.is(plan.policy, 'PA/EL');
});

test('an existing cluster keeps its name, shape, ids and folders, and takes the ports', (t) => {
  const before = localTopology({ name: 'kept', nodes: 2, policy: 'PC/EL' });
  const renamed = {
    ...before,
    nodes: before.nodes.map((node) => ({ ...node, id: `x-${node.id}`, folder: `d/${node.id}` })),
  };
  const plan = plannedTopology('other', renamed, {}, { grpc: [1, 2], http: [3, 4] });
  t.is(plan.name, 'kept');
  t.is(plan.policy, 'PC/EL');
  t.deepEqual(plan.nodes[1], { id: 'x-n2', folder: 'd/n2', address: '127.0.0.1:2', http: '127.0.0.1:4' });
});

for (const wanted of [{ nodes: 5 }, { replicas: 2 }, { policy: 'PA/EL' }] as const) {
  test(`asking for ${JSON.stringify(wanted)} where the data has another shape is refused`, (t) => {
    t.throws(() => plannedTopology('any', localTopology({ name: 'kept' }), wanted, noPorts), {
      message: /belongs to a cluster of 3 nodes, 3 replicas and policy PC\/EC; you asked for .*choose another folder/,
    });
  });
}

test('a cluster on several machines is not started as a whole', (t) => {
  const local = localTopology({ name: 'wide' });
  const wide = {
    ...local,
    nodes: local.nodes.map((node) => ({ ...node, address: node.address.replace('127.0.0.1', 'db') })),
  };
  t.true(isLocal(local));
  t.false(isLocal(wide));
  t.throws(() => plannedTopology('any', wide, {}, noPorts), { message: /spans several machines.*fulcrum node/ });
});
