import test from 'ava';
import { parsePartition } from '../../../chaos/faults/partition-expression.js';
import { FulcrumError } from '../../../src/core/errors.js';

const three = { nodes: ['n1', 'n2', 'n3'], clients: 'clients' };
const five = { nodes: ['n1', 'n2', 'n3', 'n4', 'n5'], clients: 'clients' };

function cuts(expression: string, parties = three): string {
  return parsePartition(expression, parties)
    .map(({ from, to }) => `${from}>${to}`)
    .sort()
    .join(' ');
}

for (const [expression, expected] of [
  ['n1 | n2 n3', 'n1>n2 n1>n3 n2>n1 n3>n1'],
  ['  n1|n2   n3 ', 'n1>n2 n1>n3 n2>n1 n3>n1'],
  ['n1 | n2', 'n1>n2 n2>n1'],
  ['n1 | n2 | n3', 'n1>n2 n1>n3 n2>n1 n2>n3 n3>n1 n3>n2'],
  ['n1 > n2', 'n1>n2'],
  ['n1 n2 > n3', 'n1>n3 n2>n3'],
  ['n1 > n2, n2 > n3', 'n1>n2 n2>n3'],
  ['n1 > n2, n1 | n2', 'n1>n2 n2>n1'],
  ['isolate n2', 'n1>n2 n2>n1 n2>n3 n3>n2'],
  ['isolate n1 n2', 'n1>n2 n1>n3 n2>n1 n2>n3 n3>n1 n3>n2'],
  ['bridge n3', 'n1>n2 n2>n1'],
  ['clients > n1', 'clients>n1'],
  ['clients n1 | n2 n3', 'clients>n2 clients>n3 n1>n2 n1>n3 n2>clients n2>n1 n3>clients n3>n1'],
] as const) {
  test(`${expression} cuts ${expected}`, (t) => {
    t.is(cuts(expression), expected);
  });
}

test('a bridge of five has two halves that only the bridge reaches', (t) => {
  t.is(cuts('bridge n3', five), 'n1>n4 n1>n5 n2>n4 n2>n5 n4>n1 n4>n2 n5>n1 n5>n2');
});

test('in a ring every node reaches its two neighbours only', (t) => {
  t.is(cuts('ring', five), 'n1>n3 n1>n4 n2>n4 n2>n5 n3>n1 n3>n5 n4>n1 n4>n2 n5>n2 n5>n3');
});

test('a node that is called as a shape is a node', (t) => {
  t.is(cuts('ring | n1', { nodes: ['ring', 'n1'], clients: 'clients' }), 'n1>ring ring>n1');
});

for (const [expression, expected] of [
  ['', /empty part/],
  ['n1 | n2,', /empty part/],
  ['n1', /one side only/],
  ['n1 |', /one side is empty/],
  ['| n1', /one side is empty/],
  ['n1 > n2 > n3', /more than one >/],
  ['n1 > n2 | n3', /mixes \| and >/],
  ['n1 | n9', /there is no "n9", only n1, n2, n3, clients/],
  ['n1 | n1 n2', /names n1 twice/],
  ['isolate', /which node/],
  ['isolate n9', /there is no "n9"/],
  ['isolate n1 n1', /names n1 twice/],
  ['bridge', /must name one node/],
  ['bridge n1 n2', /must name one node/],
  ['ring', /in a ring of 3 nodes all are neighbours/],
  ['ring n1', /takes no names/],
] as const) {
  test(`${JSON.stringify(expression)} is refused, and the message shows how it is done`, (t) => {
    const error = t.throws(() => cuts(expression), { instanceOf: FulcrumError });
    t.is(error.code, 'INVALID_ARGUMENT');
    t.regex(error.message, expected);
    t.regex(error.message, /A partition reads "n1 \| n2 n3"/);
  });
}

test('a bridge needs two others', (t) => {
  t.throws(() => cuts('bridge n1', { nodes: ['n1', 'n2'], clients: 'clients' }), { message: /at least 3 nodes/ });
});
