import test from 'ava';
import { clusterFileIn } from '../../src/client/cluster-file.js';
import { settingsOf, type ClientOptions } from '../../src/client/options.js';
import { FulcrumError } from '../../src/core/errors.js';

const GIVEN = [{ address: '127.0.0.1:7401' }];

test('every option has a default', (t) => {
  t.like(settingsOf({}, GIVEN), {
    given: GIVEN,
    discover: true,
    name: 'client',
    level: undefined,
    timeoutMs: 5_000,
    attemptTimeoutMs: 1_000,
    maxInFlight: 10_000,
  });
});

for (const wrong of [
  { level: 'SOME' },
  { timeoutMs: 0 },
  { timeoutMs: '5s' },
  { attemptTimeoutMs: NaN },
  { attemptTimeoutMs: 40_000 },
  { maxInFlight: 0 },
  { maxInFlight: 1.5 },
  { maxInFlightBytes: -1 },
  { maxWaiting: -1 },
  { discover: 'no' },
  { name: '' },
  { name: 'x'.repeat(65) },
]) {
  test(`${JSON.stringify(wrong).slice(0, 60)} is refused`, (t) => {
    const error = t.throws(() => settingsOf(wrong as ClientOptions, GIVEN), { instanceOf: FulcrumError });
    t.is(error.code, 'INVALID_ARGUMENT');
    t.true(error.message.startsWith(Object.keys(wrong)[0]!));
  });
}

for (const address of ['', 'localhost', 'localhost:', 'localhost:0', 'localhost:70000', 'http://localhost', ':7401']) {
  test(`"${address}" is not an address`, (t) => {
    t.throws(() => settingsOf({}, [{ address }]), { message: /host:port/ });
  });
}

test('an address may be a name or an IPv6 address', (t) => {
  t.notThrows(() => settingsOf({}, [{ address: 'node-1.example:7401' }, { address: '[::1]:7401' }]));
});

test('a client without any address is refused', (t) => {
  t.throws(() => settingsOf({}, []), { message: /at least one/ });
});

test('the nodes of a cluster file are its ids and addresses', (t) => {
  const nodes = [
    { id: 'n1', address: '127.0.0.1:7401', http: '127.0.0.1:7501' },
    { id: 'n2', address: '127.0.0.1:7402' },
  ];
  const text = JSON.stringify({ name: 'c', policy: 'PC/EC', replicas: 2, nodes });
  t.deepEqual(
    clusterFileIn(text, 'cluster.json').nodes,
    nodes.map(({ id, address }) => ({ id, address })),
  );
});

for (const text of ['', '{', 'null', '[]', '{}', '{"nodes":[]}', '{"nodes":[null]}', '{"nodes":[{"id":"n1"}]}']) {
  test(`${text === '' ? 'an empty file' : text} is not a cluster file`, (t) => {
    const error = t.throws(() => clusterFileIn(text, 'here.json'), { instanceOf: FulcrumError });
    t.is(error.code, 'INVALID_ARGUMENT');
    t.regex(error.message, /^here\.json is not a cluster file/);
  });
}
