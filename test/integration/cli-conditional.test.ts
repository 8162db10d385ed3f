import test from 'ava';
import { waitUntil } from '../../cluster/wait.js';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { RunningCli, type Finished } from './run-cli.js';

let cluster: LocalCluster;
test.before(async () => {
  cluster = await startCluster();
});
test.after.always(() => cluster.stop());

function run(...args: readonly string[]): Promise<Finished> {
  return new RunningCli(process.cwd(), [...args, '--cluster', cluster.file, '--json']).finished;
}

interface Shown {
  readonly version: string;
  readonly receipt: { readonly replayed: boolean };
  readonly error: { readonly code: string; readonly currentVersion?: string };
}

const shown = ({ out }: Finished): Shown => JSON.parse(out) as Shown;

test.serial('put --expect stores on the expected version only, and exits with 1 where it is not there', async (t) => {
  const first = await run('put', 'lock', 'ann', '--expect', 'absent');
  t.is(first.code, 0);
  const second = await run('put', 'lock', 'bob', '--expect', 'absent');
  t.is(second.code, 1);
  t.like(shown(second).error, { code: 'CONDITION_FAILED', currentVersion: shown(first).version });
  t.is((await run('put', 'lock', 'bob', '--expect', shown(first).version)).code, 0);
  const wrong = await run('put', 'lock', 'eve', '--expect', 'v1');
  t.deepEqual([wrong.code, shown(wrong).error.code], [2, 'INVALID_ARGUMENT']);
});

test.serial('del --expect deletes the expected version only', async (t) => {
  const old = shown(await run('put', 'gone', '1')).version;
  const version = shown(await run('put', 'gone', '2')).version;
  t.is((await run('del', 'gone', '--expect', old)).code, 1);
  t.is((await run('del', 'gone', '--expect', version)).code, 0);
  t.is((await run('get', 'gone')).code, 1);
});

test.serial('put --op-id is carried out once, and another value under the name is refused', async (t) => {
  const first = shown(await run('put', 'order', '7', '--op-id', 'order-123'));
  const again = shown(await run('put', 'order', '7', '--op-id', 'order-123'));
  t.is(again.version, first.version);
  t.deepEqual([first.receipt.replayed, again.receipt.replayed], [false, true]);
  const other = await run('put', 'order', '8', '--op-id', 'order-123');
  t.deepEqual([other.code, shown(other).error.code], [3, 'OP_MISMATCH']);
});

test.serial('put --ttl makes a value that goes away, and takes durations only', async (t) => {
  t.is((await run('put', 'short', 'x', '--ttl', '900ms')).code, 0);
  t.true(await waitUntil(async () => (await run('get', 'short')).code === 1, 60_000));
  for (const ttl of ['30', 's', '0s', '-1s', '1w', '1 s']) t.is((await run('put', 'short', 'x', '--ttl', ttl)).code, 2);
});
