import test from 'ava';
import { startCluster } from '../../cluster/index.js';
import { connect, FulcrumError } from '../../src/index.js';
import { codeOf, UnaryClient } from './unary-client.js';

const LIMIT = { ratePerSecond: 50, burst: 20 };

test.serial('a node lets each client ask only so fast, and the SDK keeps to it', async (t) => {
  const cluster = await startCluster({ nodes: 1, clientLimit: LIMIT });
  t.teardown(() => cluster.stop());
  const nodes = cluster.addresses;

  const patient = await connect({ nodes, name: 'patient', retryBudget: false, timeoutMs: 20_000 });
  t.teardown(() => patient.close());
  const startedMs = performance.now();
  let served = 0;
  // Ten callers, each one call after the other: twenty at once, then fifty a second.
  const callers = Array.from({ length: 10 }, async () => {
    for (let i = 0; i < 10; i += 1) {
      await patient.put('k', i);
      served += 1;
    }
  });
  await Promise.all(
    callers.map((caller) => caller.catch((error: unknown) => t.is((error as FulcrumError).code, 'THROTTLED'))),
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  t.true(served >= 20);
  t.true(served <= 20 + seconds * 50, `${served} in ${seconds} s`);

  const other = await connect({ nodes, name: 'other', timeoutMs: 300 });
  t.teardown(() => other.close());
  const results = await Promise.allSettled(Array.from({ length: 200 }, (_, index) => other.put(`o${index}`, index)));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as FulcrumError] : []));
  t.true(results.length - errors.length >= 20, 'another client has a limit of its own');
  t.true(errors.length > 0);
  for (const error of errors) {
    t.is(error.code, 'THROTTLED', error.message);
    t.true(error.definite && error.retryAfterMs! > 0);
  }
  const refused = results.flatMap(({ status }, index) => (status === 'rejected' ? [`o${index}`] : []));
  const reader = await connect({ nodes, name: 'reader' });
  t.teardown(() => reader.close());
  for (const key of refused.slice(0, 10)) t.false((await reader.get(key)).found, 'what was refused is not there');
});

test.serial('unary callers are known by the name in their metadata', async (t) => {
  const cluster = await startCluster({ nodes: 1, clientLimit: { ratePerSecond: 0.001, burst: 3 } });
  t.teardown(() => cluster.stop());
  const outcome = async (client: UnaryClient): Promise<string | undefined> => client.get('k').then(() => 'ok', codeOf);
  const [one, two] = ['one', 'two'].map((name) => new UnaryClient(cluster.addresses[0]!, name));
  t.teardown(() => [one, two].forEach((client) => client!.close()));
  const answers = await Promise.all(Array.from({ length: 5 }, () => outcome(one!)));
  t.deepEqual(answers.toSorted(), ['THROTTLED', 'THROTTLED', 'ok', 'ok', 'ok']);
  t.is(await outcome(two!), 'ok');
});

test.serial('a limit that makes no sense is refused before anything starts', async (t) => {
  const error = await t.throwsAsync(startCluster({ clientLimit: { ratePerSecond: 0 } }), { instanceOf: FulcrumError });
  t.is(error.code, 'INVALID_ARGUMENT');
  t.regex(error.message, /ratePerSecond/);
});
