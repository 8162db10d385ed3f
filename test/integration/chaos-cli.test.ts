/** Faults from the command line, in a cluster that `up` started. */
import test from 'ava';
import { randomFreePorts } from '../../cluster/free-ports.js';
import { processState } from '../../cluster/process-state.js';
import { waitUntil } from '../../cluster/wait.js';
import { cliIn, RunningCli, workFolder } from './run-cli.js';

const WAIT_MS = 60_000;

interface Status {
  readonly toxiproxy: { readonly kind: string; readonly url: string } | null;
  readonly nodes: readonly { readonly id: string; readonly state: string; readonly inside?: string | null }[];
  readonly faults: readonly { readonly label: string; readonly from: string; readonly to: string }[];
}

async function ports(): Promise<string[]> {
  const [grpc = 0, http = 0] = await randomFreePorts(2);
  return ['--grpc-port', String(grpc), '--http-port', String(http)];
}

test.serial('a cluster started with --chaos is cut, slowed, hurt, shown and healed', async (t) => {
  const folder = await workFolder(t);
  const fulcrum = cliIn(folder);
  t.is((await fulcrum('up', '--chaos', '--detach', ...(await ports()))).code, 0);
  t.is((await fulcrum('put', 'key', 'before', '--level', 'ALL')).code, 0);
  const status = async (): Promise<Status> => JSON.parse((await fulcrum('chaos', 'status', '--json')).out) as Status;
  const { toxiproxy, faults } = await status();
  t.truthy(toxiproxy);
  t.deepEqual(faults, []);

  const cut = await fulcrum('chaos', 'partition', 'n1 | n2 n3');
  t.is(cut.code, 0);
  t.regex(cut.out, /n1 > n2 +cut/);
  t.is((await fulcrum('chaos', 'latency', 'n2', 'n3', '20ms', '--jitter', '5ms')).code, 0);
  t.is((await fulcrum('chaos', 'pause', 'n1')).code, 0);
  t.is((await fulcrum('put', 'key', 'during')).code, 0);
  const hurt = await status();
  t.deepEqual(
    hurt.nodes.map(({ state }) => state),
    ['paused', 'running', 'running'],
  );
  t.is(hurt.faults.length, 5);
  t.is((await fulcrum('chaos', 'resume', 'n1')).code, 0);
  t.is((await fulcrum('chaos', 'kill', 'n1')).code, 0);
  t.is((await fulcrum('chaos', 'skew', 'n2', '+1h')).code, 0);
  t.is((await fulcrum('chaos', 'disk', 'n2', '20ms')).code, 0);
  t.truthy((await status()).nodes[1]?.inside);

  const healed = JSON.parse((await fulcrum('chaos', 'heal', '--json')).out) as { started: string[]; healed: unknown[] };
  t.deepEqual(healed.started, ['n1']);
  t.is(healed.healed.length, 5);
  t.deepEqual((await status()).faults, []);
  t.is((await status()).nodes[1]?.inside, null);
  t.is((await fulcrum('get', 'key', '--level', 'ALL')).out, 'during');

  t.is((await fulcrum('chaos', 'partition', 'n1 | n4')).code, 2);
  t.is((await fulcrum('chaos', 'resume', 'n9')).code, 2);
  t.is((await fulcrum('chaos', 'weather')).code, 2);
  t.is((await fulcrum('chaos')).code, 2);
  t.is((await fulcrum('down')).code, 0);
  if (toxiproxy?.kind !== 'given') await t.throwsAsync(fetch(`${toxiproxy?.url}/version`));
});

test.serial('a cluster whose links run directly says how to start one that can be cut', async (t) => {
  const folder = await workFolder(t);
  const fulcrum = cliIn(folder);
  await fulcrum('up', '--detach', '--nodes', '2', ...(await ports()));
  const { code, err } = await fulcrum('chaos', 'partition', 'n1 | n2');
  t.is(code, 3);
  t.regex(err, /links of cluster .* run directly.*npx fulcrum down && npx fulcrum up --chaos/);
  const { out } = await fulcrum('chaos', 'latency', 'n1', 'n2', '10ms', '--json');
  t.is((JSON.parse(out) as { error: { code: string } }).error.code, 'UNAVAILABLE');
  t.regex((await fulcrum('up', '--chaos', '--detach')).err, /runs already, without proxies/);
  t.is((await fulcrum('chaos', 'pause', 'n2')).code, 0);
  t.is((await fulcrum('chaos', 'heal')).code, 0);
  t.is((JSON.parse((await fulcrum('chaos', 'status', '--json')).out) as Status).toxiproxy, null);
  await fulcrum('down');
  t.is((await fulcrum('up', '--chaos', '--detach')).code, 0);
  t.is((await fulcrum('chaos', 'partition', 'n1 | n2')).code, 0);
  await fulcrum('down');
  t.is((await fulcrum('up', '--detach')).code, 0);
  t.is((await fulcrum('chaos', 'partition', 'n1 | n2')).code, 3);
});

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  test.serial(`in the foreground the proxies end with up, also by ${signal}`, async (t) => {
    const folder = await workFolder(t);
    const up = new RunningCli(folder, ['up', '--chaos', '--json', '--no-console', '--nodes', '2', ...(await ports())]);
    t.teardown(() => up.child.kill('SIGKILL'));
    await up.says(/\n$/);
    const { nodes } = JSON.parse(up.out) as { nodes: { pid: number }[] };
    const { out } = await cliIn(folder)('chaos', 'status', '--json');
    const { toxiproxy } = JSON.parse(out) as Status;
    t.is((await cliIn(folder)('chaos', 'partition', 'n1 > n2')).code, 0);
    up.child.kill(signal);
    await up.finished;
    t.true(await waitUntil(() => nodes.every(({ pid }) => processState(pid) === 'gone'), WAIT_MS));
    if (toxiproxy?.kind === 'given') return;
    const isSilent = (): Promise<boolean> =>
      fetch(`${toxiproxy?.url}/version`).then(
        () => false,
        () => true,
      );
    t.true(await waitUntil(isSilent, WAIT_MS));
  });
}
