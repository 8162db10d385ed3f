/** `fulcrum balance` between clients and real nodes, and the command by itself. */
import test, { type ExecutionContext } from 'ava';
import { startCluster } from '../../cluster/index.js';
import { waitUntil } from '../../cluster/wait.js';
import type { L4Event, L4Stats } from '../../src/edge/l4-balancer.js';
import type { L4NodeStats } from '../../src/edge/l4-node.js';
import { connect, type Client } from '../../src/index.js';
import { call, shout, startNode } from '../edge/l4-rig.js';
import { untilAnswered } from './calls-through.js';
import { RunningCli } from './run-cli.js';

const DEADLINE_MS = 60_000;

type Line =
  | L4Event
  | { readonly event: 'listening'; readonly address: string; readonly nodes: readonly L4NodeStats[] }
  | { readonly event: 'stopping'; readonly signal: string }
  | { readonly event: 'stopped'; readonly stats: L4Stats };

function startBalance(t: ExecutionContext, ...args: readonly string[]): RunningCli {
  const cli = new RunningCli('.', ['balance', '--port', '0', ...args]);
  t.teardown(() => cli.child.kill('SIGKILL'));
  return cli;
}

function linesOf({ out }: { readonly out: string }): Line[] {
  const whole = out.slice(0, out.lastIndexOf('\n') + 1).split('\n');
  return whole.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}

async function lineOf<E extends Line['event']>(cli: RunningCli, event: E): Promise<Extract<Line, { event: E }>> {
  const found = (): Line | undefined => linesOf(cli).find((line) => line.event === event);
  if (!(await waitUntil(() => found() !== undefined, DEADLINE_MS)))
    throw new Error(`no ${event}: ${cli.out} ${cli.err}`);
  return found() as Extract<Line, { event: E }>;
}

const nodeOf = (client: Client): string[] => client.cluster.nodes.filter((node) => node.connected).map(({ id }) => id);

test('clients are spread over the nodes, and go on when one is killed', async (t) => {
  await using cluster = await startCluster({ nodes: 3, replicas: 3 });
  const cli = startBalance(t, '--cluster', cluster.file, '--json');
  const { address, nodes } = await lineOf(cli, 'listening');
  t.deepEqual(
    nodes.map(({ node }) => node),
    ['n1', 'n2', 'n3'],
  );
  // One that did not answer the first check in time, on a busy machine, comes back by itself.
  const isUp = ({ node, state }: L4NodeStats): boolean =>
    state === 'up' || linesOf(cli).some((line) => line.event === 'nodeUp' && line.node === node);
  t.true(await waitUntil(() => nodes.every(isUp), DEADLINE_MS));
  const clients: Client[] = [];
  t.teardown(() => Promise.all(clients.map((client) => client.close())));
  for (let index = 0; index < 6; index += 1) {
    clients.push(await connect({ nodes: [address], discover: false, timeoutMs: 20_000 }));
  }
  t.true(await waitUntil(() => new Set(clients.flatMap(nodeOf)).size === 3, DEADLINE_MS));
  await Promise.all(clients.map((client, index) => client.put(`key-${index}`, index)));

  await cluster.kill('n2');
  const values = await Promise.all(
    clients.map((client, index) => untilAnswered(() => client.get(`key-${index}`, { level: 'QUORUM' }))),
  );
  t.deepEqual(
    values.map(({ value }) => value),
    [0, 1, 2, 3, 4, 5],
  );
  const isOut = (line: Line): boolean => line.event === 'nodeDown' && line.node === 'n2';
  t.true(await waitUntil(() => linesOf(cli).some(isOut), DEADLINE_MS));
  t.true(await waitUntil(() => clients.every((client) => nodeOf(client).length === 1), DEADLINE_MS));
  t.false(clients.flatMap(nodeOf).includes('n2'));

  cli.child.kill('SIGTERM');
  await Promise.all(clients.map((client) => client.close()));
  t.is((await cli.finished).code, 0);
  const { stats } = await lineOf(cli, 'stopped');
  t.is(stats.connections.open, 0);
  t.true(stats.connections.total >= 8 && stats.bytes.up > 0 && stats.bytes.down > 0);
});

test('the command says what it balances, what happens to nodes, and at its end what passed', async (t) => {
  const nodes = [await startNode(t, 'a', shout), await startNode(t, 'b', shout)];
  const addresses = nodes.map(({ backend }) => `${backend.address.host}:${backend.address.port}`);
  const cli = startBalance(t, '--nodes', addresses.join(','), '--drain', '1ms');
  await cli.says(/Ctrl-C stops it/);
  t.regex(cli.out, /listens at 127\.0\.0\.1:\d+, least-connections/);
  for (const address of addresses) t.regex(cli.out, new RegExp(`${address} +${address} +a TCP connection +ready`));
  const port = Number(/listens at 127\.0\.0\.1:(\d+)/.exec(cli.out)![1]);
  const caller = call(t, { port });
  caller.socket.write('hello');
  t.true(await waitUntil(() => caller.text === 'HELLO', DEADLINE_MS));

  const taken = await startBalance(t, '--nodes', addresses.join(','), '--port', String(port)).finished;
  t.is(taken.code, 3);
  t.regex(
    taken.err,
    new RegExp(`UNAVAILABLE: The balancer address 127\\.0\\.0\\.1:${port} is taken by another program`),
  );

  await nodes[1]!.close();
  await cli.says(new RegExp(`out +${addresses[1]}: it refuses connections; 0 connections cut`));
  cli.child.kill('SIGTERM');
  const { code, out, err } = await cli.finished;
  t.is(code, 0, err);
  t.is(await caller.over, 'ECONNRESET', 'the drain is over');
  t.regex(out, new RegExp(`${addresses[0]} +1 +0 +0 +5 B +5 B\n`));
  t.regex(out, /1 connection, 5 B from clients, 5 B to clients; tried again elsewhere 0, refused 0/);
});

test('wrong usage is refused before anything listens', async (t) => {
  const twice = await startBalance(t, '--nodes', 'a:1,a:1').finished;
  t.is(twice.code, 2);
  t.regex(twice.err, /INVALID_ARGUMENT: --nodes names an address twice/);
});
