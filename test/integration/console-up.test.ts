import test, { type ExecutionContext } from 'ava';
import { randomFreePorts } from '../../cluster/free-ports.js';
import { waitUntil } from '../../cluster/wait.js';
import type { ConsoleView, Control } from '../../src/console/api.js';
import { RunningCli, workFolder } from './run-cli.js';

const WAIT_MS = 60_000;
const MINUTES_4 = 240_000;

/** `up` in the foreground, ready, with ports of its own. */
async function up(t: ExecutionContext, ...args: string[]) {
  t.timeout(MINUTES_4);
  const folder = await workFolder(t);
  const [grpc = 0, http = 0, port = 0] = await randomFreePorts(3);
  const ports = ['--grpc-port', String(grpc), '--http-port', String(http), '--console-port', String(port)];
  const cli = new RunningCli(folder, ['up', '--json', ...ports, ...args]);
  t.teardown(async () => {
    cli.child.kill('SIGTERM');
    await cli.finished;
  });
  await cli.says(/\n$/, WAIT_MS * 2);
  return JSON.parse(cli.out) as { readonly console?: string };
}

function talkTo(address: string) {
  const url = new URL(address);
  const token = url.hash.replace('#token=', '');
  return {
    state: async () => (await (await fetch(new URL('/api/state', url))).json()) as ConsoleView,
    control: async (what: Control) =>
      fetch(new URL('/api/control', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-fulcrum-token': token },
        body: JSON.stringify(what),
      }),
  };
}

test('up --chaos serves a console that cuts links, and kills nodes and starts them again', async (t) => {
  const { state, control } = talkTo((await up(t, '--chaos')).console!);
  t.true((await state()).cluster.canCut);
  const cut = await control({ do: 'cut', a: 'n1', b: 'n2' });
  t.is(cut.status, 200);
  t.is(((await cut.json()) as ConsoleView).links.find(({ a, b }) => a === 'n1' && b === 'n2')?.state, 'cut');
  t.is((await control({ do: 'kill', node: 'n3' })).status, 200);
  const isDown = async () => (await state()).nodes.find(({ id }) => id === 'n3')?.state === 'down';
  t.true(await waitUntil(isDown, WAIT_MS));
  const healed = await control({ do: 'heal' });
  t.is(healed.status, 200, await healed.clone().text());
  const isWhole = async () => {
    await control({ do: 'heal' });
    const { nodes, links } = await state();
    return nodes.every((node) => node.state === 'up') && links.every((link) => link.state === 'up');
  };
  t.true(await waitUntil(isWhole, WAIT_MS));
});

test('--direct takes --chaos back, and --no-console leaves the console out', async (t) => {
  const { console: address } = await up(t, '--chaos', '--direct', '--nodes', '1');
  t.false((await talkTo(address!).state()).cluster.canCut);
  t.is((await up(t, '--no-console', '--nodes', '1')).console, undefined);
});
