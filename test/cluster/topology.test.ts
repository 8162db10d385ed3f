import test from 'ava';
import { plannedTopology } from '../../cluster/planned-topology.js';
import { clientAddress, localTopology, nodeNamed, parseAddress, parseTopology } from '../../cluster/topology.js';
import { FulcrumError } from '../../src/core/errors.js';

const node = { id: 'n1', address: '127.0.0.1:7401', http: '127.0.0.1:7501', folder: 'n1' };
const valid = { name: 'shop', policy: 'PC/EC', replicas: 1, nodes: [node] };

function problem(document: unknown): string {
  try {
    parseTopology(document);
  } catch (error) {
    if (error instanceof FulcrumError && error.code === 'INVALID_ARGUMENT') return error.message;
    throw error;
  }
  return 'none';
}

test('a local topology has three nodes on consecutive ports, and every key on each of them', (t) => {
  const topology = localTopology({ name: 'local' });
  t.is(topology.replicas, 3);
  t.is(topology.policy, 'PC/EC');
  t.deepEqual(topology.nodes[2], { id: 'n3', address: '127.0.0.1:7403', http: '127.0.0.1:7503', folder: 'n3' });
});

test('with fewer nodes than the default replicas, every node is a replica', (t) => {
  t.is(localTopology({ name: 'local', nodes: 2 }).replicas, 2);
});

test('a topology survives its own JSON', (t) => {
  const topology = localTopology({ name: 'local', nodes: 5, replicas: 3, policy: 'PA/EL' });
  t.deepEqual(parseTopology(JSON.parse(JSON.stringify(topology))), topology);
});

test('fields that are not known are left out', (t) => {
  t.deepEqual(parseTopology({ ...valid, comment: 'ours', nodes: [{ ...node, rack: 1 }] }), valid as never);
});

for (const [what, document, expected] of [
  ['a document that is no object', [], /JSON object/],
  ['a name with a slash', { ...valid, name: 'a/b' }, /"name" must be .*"a\/b"/],
  ['an unknown policy', { ...valid, policy: 'CA' }, /"policy" must be one of PC\/EC.*"CA"/],
  ['a missing policy', { ...valid, policy: undefined }, /not nothing/],
  ['no nodes', { ...valid, nodes: [] }, /1 to 64 nodes, not 0/],
  ['nodes that are no list', { ...valid, nodes: {} }, /"nodes" must be a list/],
  ['more replicas than nodes', { ...valid, replicas: 2 }, /2 replicas need at least 2 nodes, and there are 1/],
  ['a fraction of a replica', { ...valid, replicas: 0.5 }, /whole number/],
  ['an address without a port', { ...valid, nodes: [{ ...node, address: '127.0.0.1' }] }, /nodes\[0\]\.address/],
  ['a port above 65535', { ...valid, nodes: [{ ...node, http: '127.0.0.1:65536' }] }, /nodes\[0\]\.http/],
  ['an id with a space', { ...valid, nodes: [{ ...node, id: 'n 1' }] }, /nodes\[0\]\.id/],
  ['a node without a folder', { ...valid, nodes: [{ ...node, folder: '' }] }, /nodes\[0\]\.folder/],
  ['two servers at one address', { ...valid, nodes: [{ ...node, http: node.address }] }, /7401 is given twice/],
] as const) {
  test(`${what} is refused with a message that names it`, (t) => {
    t.regex(problem(document), expected);
  });
}

test('two nodes must not share an id or a folder', (t) => {
  const second = { id: 'n2', address: '127.0.0.1:7402', http: '127.0.0.1:7502', folder: 'n2' };
  const pair = (other: object): string => problem({ ...valid, nodes: [node, { ...second, ...other }] });
  t.is(pair({}), 'none');
  t.regex(pair({ id: 'n1' }), /node id n1 is given twice/);
  t.regex(pair({ folder: 'n1' }), /folder n1 is given twice/);
});

test('a node that does not exist is refused with the names of those that do', (t) => {
  const topology = localTopology({ name: 'local' });
  t.is(nodeNamed(topology, 'n2').folder, 'n2');
  t.throws(() => nodeNamed(topology, 'n9'), { instanceOf: FulcrumError, message: /no node "n9".*n1, n2, n3/ });
});

test('an address is host:port, an IPv6 host in brackets', (t) => {
  t.deepEqual(parseAddress('[::1]:7401'), { host: '::1', port: 7401 });
  t.deepEqual(parseAddress('db-1.example:1'), { host: 'db-1.example', port: 1 });
  for (const wrong of ['', ':1', 'host:', 'host:0', 'host:1x', '::1:7401', 'a b:1', 7401, undefined]) {
    t.is(parseAddress(wrong), undefined, String(wrong));
  }
});

test('a node may be reached by clients and dial its peers through something that stands between', (t) => {
  const detoured = { ...node, advertise: '127.0.0.1:9001', dial: { n2: '127.0.0.1:9002' } };
  const topology = parseTopology({ ...valid, nodes: [detoured] });
  t.deepEqual(topology.nodes[0], detoured);
  t.is(clientAddress(topology.nodes[0]!), '127.0.0.1:9001');
  t.is(clientAddress(node), node.address);
  t.regex(problem({ ...valid, nodes: [{ ...node, advertise: 'proxy' }] }), /nodes\[0\]\.advertise/);
  t.regex(problem({ ...valid, nodes: [{ ...node, dial: { n2: 'proxy' } }] }), /nodes\[0\]\.dial\.n2/);
  t.regex(problem({ ...valid, nodes: [{ ...node, dial: [] }] }), /nodes\[0\]\.dial must be an object/);
});

test('a cluster file may say which share of the requests is sampled', (t) => {
  t.is(parseTopology({ ...valid, counterfactuals: 0.25 }).counterfactuals, 0.25);
  t.is(parseTopology(valid).counterfactuals, undefined);
  t.is(localTopology({ name: 'local', counterfactuals: 0 }).counterfactuals, 0);
  for (const wrong of [-0.1, 1.1, 'all', null])
    t.regex(problem({ ...valid, counterfactuals: wrong }), /"counterfactuals" must be a share from 0 to 1/);
});

const tls = { ca: 'ca.pem', cert: '{id}.pem', key: '{id}.key', client: { cert: 'client.pem', key: 'client.key' } };

test('a cluster file may name certificates, and plans keep them', (t) => {
  t.is(parseTopology(valid).tls, undefined);
  t.deepEqual(parseTopology({ ...valid, tls }).tls, tls);
  t.deepEqual(parseTopology({ ...valid, tls: { ...tls, name: 'kv.example' } }).tls, { ...tls, name: 'kv.example' });
  const before = localTopology({ name: 'kept', tls });
  t.deepEqual(plannedTopology('any', before, {}, { grpc: [], http: [] }).tls, tls);
});

for (const [what, wrong, expected] of [
  ['TLS that is switched on only', true, /"tls" must be an object \{ ca, cert, key, client.*not true/],
  ['TLS without an authority', { ...tls, ca: undefined }, /"tls\.ca" must name a file in PEM form.*not nothing/],
  ['a certificate that is no path', { ...tls, cert: 7 }, /"tls\.cert" must name a file.*not 7/],
  ['a key without a name', { ...tls, key: '' }, /"tls\.key" must name a file/],
  [
    'TLS without anything for clients',
    { ...tls, client: undefined },
    /"tls\.client" must be \{ cert, key \}.*not nothing/,
  ],
  ['a client without a key', { ...tls, client: { cert: 'c.pem' } }, /"tls\.client\.key" must name a file/],
  ['a name that is none', { ...tls, name: 'a b' }, /"tls\.name" must be the name.*"a b"/],
] as const) {
  test(`${what} is refused with a message that names it`, (t) => {
    t.regex(problem({ ...valid, tls: wrong }), expected);
  });
}
