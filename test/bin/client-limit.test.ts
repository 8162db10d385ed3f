import { InvalidArgumentError } from 'commander';
import test from 'ava';
import { plannedTopology } from '../../cluster/planned-topology.js';
import { parseTopology } from '../../cluster/topology.js';
import { parseClientLimit } from '../../src/bin/arguments.js';
import { FulcrumError } from '../../src/core/errors.js';

const PORTS = { grpc: [7401, 7402, 7403], http: [7501, 7502, 7503] };

test('a limit for each client is a rate, with a burst or without', (t) => {
  t.deepEqual(parseClientLimit('5000'), { ratePerSecond: 5_000 });
  t.deepEqual(parseClientLimit('0.5:3'), { ratePerSecond: 0.5, burst: 3 });
  for (const text of ['', '0', '-1', '10:', '10:0', '1:2:3', 'fast', '1.2.3']) {
    t.throws(() => parseClientLimit(text), { instanceOf: InvalidArgumentError }, text);
  }
});

test('the cluster file keeps the limit, also when the cluster is started again without being told it', (t) => {
  const clientLimit = { ratePerSecond: 50, burst: 100, perByte: undefined };
  const topology = plannedTopology('c', undefined, { clientLimit }, PORTS);
  const read = parseTopology(JSON.parse(JSON.stringify(topology)));
  t.like(read.clientLimit, { ratePerSecond: 50, burst: 100 });
  t.like(plannedTopology('c', read, {}, PORTS).clientLimit, { ratePerSecond: 50, burst: 100 });
  t.is(plannedTopology('c', read, { clientLimit: { ratePerSecond: 9 } }, PORTS).clientLimit?.ratePerSecond, 9);
  t.is(plannedTopology('c', undefined, {}, PORTS).clientLimit, undefined);
});

test('a limit in a cluster file that makes no sense is refused', (t) => {
  const topology = plannedTopology('c', undefined, {}, PORTS);
  for (const clientLimit of [
    7,
    null,
    {},
    { ratePerSecond: 0 },
    { ratePerSecond: 'x' },
    { ratePerSecond: 1, burst: 0 },
  ]) {
    const error = t.throws(() => parseTopology({ ...topology, clientLimit }), { instanceOf: FulcrumError });
    t.is(error.code, 'INVALID_ARGUMENT');
  }
});
