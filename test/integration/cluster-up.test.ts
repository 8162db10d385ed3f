import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { randomFreePorts } from '../../cluster/free-ports.js';
import { processState } from '../../cluster/process-state.js';
import { waitUntil } from '../../cluster/wait.js';
import { cliIn, RunningCli, workFolder } from './run-cli.js';

const WAIT_MS = 30_000;

interface Report {
  readonly name: string;
  readonly alreadyRunning?: boolean;
  readonly nodes: readonly {
    readonly id: string;
    readonly address: string;
    readonly http: string;
    readonly pid: number;
  }[];
}

/** Ports of this test's own, so that clusters on the default ones are left alone. */
async function ports(): Promise<string[]> {
  const [grpc = 0, http = 0] = await randomFreePorts(2);
  return ['--grpc-port', String(grpc), '--http-port', String(http)];
}

/** `up` in the foreground, ready. */
async function upInForeground(
  t: ExecutionContext,
  folder: string,
  ...args: string[]
): Promise<{ up: RunningCli; report: Report }> {
  const up = new RunningCli(folder, ['up', '--json', ...(await ports()), ...args]);
  t.teardown(() => up.child.kill('SIGKILL'));
  await up.says(/\n$/);
  return { up, report: JSON.parse(up.out) as Report };
}

function allGone({ nodes }: Report): boolean {
  return nodes.every((node) => processState(node.pid) === 'gone');
}

test.serial('up --detach leaves a cluster running; down stops it; the data is there afterwards', async (t) => {
  const folder = await workFolder(t);
  const fulcrum = cliIn(folder);
  const first = JSON.parse((await fulcrum('up', '--detach', '--json', ...(await ports()))).out) as Report;
  t.is(first.nodes.length, 3);
  t.is((await fulcrum('put', 'greeting', 'hello')).code, 0);

  const again = JSON.parse((await fulcrum('up', '--detach', '--json')).out) as Report;
  t.true(again.alreadyRunning);
  t.deepEqual(again.nodes, first.nodes);
  const foreground = await fulcrum('up');
  t.is(foreground.code, 3);
  t.regex(foreground.err, /already running: n1 \(pid \d+\).*npx fulcrum down/);

  await fulcrum('kill', 'n2');
  const repaired = JSON.parse((await fulcrum('up', '--detach', '--json')).out) as Report;
  t.is(repaired.nodes[0]!.pid, first.nodes[0]!.pid);
  t.not(repaired.nodes[1]!.pid, first.nodes[1]!.pid);

  t.is((await fulcrum('down', '--json')).code, 0);
  t.true(allGone(repaired));
  t.regex((await fulcrum('down')).out, /was not running/);

  const second = JSON.parse((await fulcrum('up', '--detach', '--json')).out) as Report;
  t.is(second.name, first.name);
  t.deepEqual(
    second.nodes.map(({ address, http }) => [address, http]),
    first.nodes.map(({ address, http }) => [address, http]),
  );
  t.is((await fulcrum('get', 'greeting')).out, 'hello');
});

test.serial('a stale run file does not make a stopped cluster look alive', async (t) => {
  const folder = await workFolder(t);
  const fulcrum = cliIn(folder);
  await fulcrum('up', '--detach', '--nodes', '1', ...(await ports()));
  const file = join(folder, '.fulcrum', 'n1', 'run.json');
  const run = JSON.parse(await readFile(file, 'utf8')) as { pid: number };
  await fulcrum('kill', 'n1');
  await writeFile(file, JSON.stringify({ ...run, pid: process.pid }));
  t.like((JSON.parse((await fulcrum('status', '--json')).out) as Report).nodes[0], { state: 'down', pid: null });
  t.like(JSON.parse((await fulcrum('kill', 'n1', '--json')).out), { changed: false });
});

test.serial('another shape than the data has is refused, and says what to do', async (t) => {
  const folder = await workFolder(t);
  const fulcrum = cliIn(folder);
  await fulcrum('up', '--detach', '--nodes', '1', ...(await ports()));
  const running = await fulcrum('up', '--detach', '--nodes', '3');
  t.is(running.code, 2);
  await fulcrum('down');
  const stopped = await fulcrum('up', '--policy', 'PA/EL');
  t.is(stopped.code, 2);
  t.regex(stopped.err, /belongs to a cluster of 1 node, 1 replica and policy PC\/EC; you asked for .*PA\/EL/);
});

test.serial('a taken port is named and the next free one used', async (t) => {
  const folder = await workFolder(t);
  const [grpc = 0, http = 0] = await randomFreePorts(2);
  const blocker = createServer().listen(grpc, '127.0.0.1');
  await once(blocker, 'listening');
  const args = ['--nodes', '1', '--grpc-port', String(grpc), '--http-port', String(http)];
  const { code, out, err } = await cliIn(folder)('up', '--detach', '--json', ...args);
  blocker.close();
  t.is(code, 0);
  const port = (JSON.parse(out) as Report).nodes[0]!.address.split(':')[1];
  t.regex(err, new RegExp(`Port ${grpc} is taken: n1 uses ${port} for gRPC`));
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test.serial(`${signal} stops every node of a cluster in the foreground cleanly`, async (t) => {
    const folder = await workFolder(t);
    const { up, report } = await upInForeground(t, folder);
    up.child.kill(signal);
    const { code, err } = await up.finished;
    t.is(code, 0);
    t.regex(err, /Stopping n1, n2, n3/);
    t.regex(err, /Stopped\. The data stays/);
    t.true(allGone(report));
    for (const { id } of report.nodes) {
      t.regex(await readFile(join(folder, '.fulcrum', id, 'node.log'), 'utf8'), /The node has stopped/);
    }
  });
}

test.serial('a signal during the start ends what was started', async (t) => {
  const folder = await workFolder(t);
  const up = new RunningCli(folder, ['up', ...(await ports())]);
  t.true(
    await waitUntil(
      async () => (await readFile(join(folder, '.fulcrum/cluster.json'), 'utf8').catch(() => '')) !== '',
      WAIT_MS,
    ),
  );
  up.child.kill('SIGINT');
  t.is((await up.finished).code, 0);
  t.like((JSON.parse((await cliIn(folder)('status', '--json')).out) as Report).nodes[0], { state: 'down' });
});

test.serial('when up is killed its nodes end too', async (t) => {
  const { up, report } = await upInForeground(t, await workFolder(t));
  up.child.kill('SIGKILL');
  t.true(await waitUntil(() => allGone(report), WAIT_MS));
});

test.serial('in the foreground a node that dies is reported, restarted on request, and down ends all', async (t) => {
  const folder = await workFolder(t);
  const fulcrum = cliIn(folder);
  const { up, report } = await upInForeground(t, folder);
  await fulcrum('kill', 'n2');
  await up.says(
    /n2 \(pid \d+\) was ended by SIGKILL; the others go on\.\nThe end of its log:\n.*npx fulcrum restart n2/s,
  );
  t.is((await fulcrum('put', 'key', 'value')).code, 0);
  const restarted = JSON.parse((await fulcrum('restart', 'n2', '--json')).out) as { pid: number };
  await up.says(/n2 is back/);
  t.is((await fulcrum('get', 'key', '--level', 'ALL')).out, 'value');
  t.is((await fulcrum('down')).code, 0);
  t.is((await up.finished).code, 0);
  t.true(allGone(report));
  t.is(processState(restarted.pid), 'gone');
});

test.serial('a data folder that cannot be made is named, and no node is left running', async (t) => {
  const folder = await workFolder(t);
  await mkdir(join(folder, '.fulcrum'));
  await writeFile(join(folder, '.fulcrum', 'n2'), 'a file where a folder belongs');
  const { code, err } = await cliIn(folder)('up', '--detach', '--nodes', '2', ...(await ports()));
  t.is(code, 3);
  t.regex(err, /The folder .*n2 cannot be written/);
  const { nodes } = JSON.parse((await cliIn(folder)('status', '--json')).out) as { nodes: { state: string }[] };
  t.deepEqual(
    nodes.map((node) => node.state),
    ['down', 'down'],
  );
});

test.serial('up prints a table, the policy and three commands that work', async (t) => {
  const folder = await workFolder(t);
  const { out } = await cliIn(folder)('up', '--detach', '--nodes', '2', '--policy', 'pc/el', ...(await ports()));
  t.regex(out, /policy PC\/EL, 2 replicas/);
  t.regex(out, /^ {2}n2 {5}127\.0\.0\.1:\d+ {3}127\.0\.0\.1:\d+ {3}\d+ +\.fulcrum\/n2$/m);
  const commands = [...out.matchAll(/^ {2}npx fulcrum (.*)$/gm)].map((match) => match[1]!.split(' '));
  t.deepEqual(
    commands.map(([name]) => name),
    ['put', 'get', 'status'],
  );
  for (const command of commands) t.is((await cliIn(folder)(...command)).code, 0);
});

test.serial('a node runs by hand from a cluster file, and says why it cannot', async (t) => {
  const folder = await workFolder(t);
  const fulcrum = cliIn(folder);
  await fulcrum('up', '--detach', '--nodes', '1', ...(await ports()));
  const config = ['--config', '.fulcrum/cluster.json', '--id'];
  const twice = await fulcrum('node', ...config, 'n1', '--json');
  t.is(twice.code, 3);
  t.regex((JSON.parse(twice.out) as { error: { message: string } }).error.message, /in use by another process/);
  t.is((await fulcrum('node', ...config, 'n7')).code, 2);
  await fulcrum('down');
  const node = new RunningCli(folder, ['node', ...config, 'n1', '--json']);
  t.teardown(() => node.child.kill('SIGKILL'));
  await node.says(/"node":"n1".*\n/);
  t.is((await fulcrum('put', 'by', 'hand')).code, 0);
  node.child.kill('SIGTERM');
  t.is((await node.finished).code, 0);
});
