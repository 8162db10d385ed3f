import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { startCluster, type LocalCluster } from '../../cluster/index.js';
import { RunningCli, workFolder, type Finished } from './run-cli.js';

let cluster: LocalCluster;
test.before(async () => {
  cluster = await startCluster();
});
test.after.always(() => cluster.stop());

/** Runs a command against the cluster of this file. */
function run(command: string, ...args: readonly string[]): Promise<Finished> {
  return new RunningCli(process.cwd(), [command, ...args, '--cluster', cluster.file]).finished;
}

function pipe(input: string | Uint8Array, command: string, ...args: readonly string[]): Promise<Finished> {
  return new RunningCli(process.cwd(), [command, ...args, '--cluster', cluster.file], input).finished;
}

interface Shown {
  readonly key: string;
  readonly found: boolean;
  readonly value: unknown;
  readonly version: string;
  readonly existed: boolean;
  readonly receipt: { readonly level: string; readonly guarantee: string; readonly version: string };
  readonly error: { readonly code: string; readonly message: string; readonly definite: boolean };
}

function shown({ out }: Finished): Shown {
  return JSON.parse(out) as Shown;
}

test.serial('put and get print one JSON document with key, value, version and receipt', async (t) => {
  const put = await run('put', 'json', 'hello', '--level', 'QUORUM', '--json');
  t.is(put.code, 0);
  t.is(put.err, '');
  t.is(shown(put).key, 'json');
  t.is(shown(put).receipt.guarantee, 'linearizable');
  const get = await run('get', 'json', '--level', 'all', '--json');
  t.is(get.code, 0);
  t.is(shown(get).value, 'hello');
  t.is(shown(get).version, shown(put).version);
  t.is(shown(get).receipt.level, 'ALL');
});

test.serial('a key without a value is exit code 1, with nothing on standard output', async (t) => {
  const get = await run('get', 'never-put');
  t.deepEqual([get.code, get.out], [1, '']);
  t.regex(get.err, /never-put has no value/);
  const json = await run('get', 'never-put', '--json');
  t.is(json.code, 1);
  t.deepEqual([shown(json).found, shown(json).value], [false, null]);
});

test.serial('del removes a value, and is done too where there is none', async (t) => {
  await run('put', 'gone', 'soon');
  const first = await run('del', 'gone', '--json');
  t.deepEqual([first.code, shown(first).existed], [0, true]);
  t.is((await run('get', 'gone')).code, 1);
  const second = await run('del', 'gone', '--json');
  t.deepEqual([second.code, shown(second).existed], [0, false]);
});

test.serial('a text is printed as it is, and a value on standard input is stored byte for byte', async (t) => {
  await pipe('two\nlines\n', 'put', 'text', '-');
  t.is((await run('get', 'text')).out, 'two\nlines\n');
  await pipe('no newline', 'put', 'text');
  t.is((await run('get', 'text')).out, 'no newline');
  await pipe(new Uint8Array([0, 255, 10, 128]), 'put', 'bytes', '-');
  t.deepEqual(shown(await run('get', 'bytes', '--json')).value, { $bytes: 'AP8KgA==' });
});

test.serial('a value that begins with a dash is a value after --', async (t) => {
  t.is((await new RunningCli(process.cwd(), ['put', '--cluster', cluster.file, '--', 'dash', '-1']).finished).code, 0);
  t.is((await run('get', 'dash')).out, '-1');
});

test.serial('a structured value is printed as JSON', async (t) => {
  const client = await cluster.connect();
  await client.put('object', { list: [1, 2n] });
  t.deepEqual(JSON.parse((await run('get', 'object')).out), { list: [1, { $bigint: '2' }] });
});

test.serial('wrong usage is exit code 2, says what is wrong, and is JSON with --json', async (t) => {
  for (const [args, expected] of [
    [['get'], /missing required argument 'key'/i],
    [['get', 'a', 'b'], /too many arguments/i],
    [['get', 'a', '--level', 'SOME'], /one of ONE, QUORUM, ALL/],
    [['gte', 'a'], /unknown command 'gte'.*get/is],
    [['put', 'a', 'b', '--nodes', 'nowhere'], /127\.0\.0\.1:7401/],
    [['get', 'a', '--cluster', '/nowhere/cluster.json'], /no cluster at .*fulcrum up/i],
    [['put', 'k'.repeat(1025), 'v', '--cluster', cluster.file], /at most 1024 bytes/],
    [['kill', 'n9', '--cluster', cluster.file], /no node "n9".*n1, n2, n3/],
    [['up', '--nodes', '0'], /whole number from 1 to 64/],
  ] as const) {
    const plain = await new RunningCli(process.cwd(), args).finished;
    t.deepEqual([plain.code, plain.out], [2, ''], args.join(' '));
    t.regex(plain.err, expected);
  }
  for (const args of [
    ['get', '--json'],
    ['--json', 'gte', 'a'],
    ['get', 'a', '--json', '--cluster', '/nowhere'],
  ]) {
    const json = await new RunningCli(process.cwd(), args).finished;
    t.deepEqual([json.code, json.err], [2, ''], args.join(' '));
    t.is(shown(json).error.code, 'INVALID_ARGUMENT');
    t.true(shown(json).error.definite);
  }
});

test.serial('nobody at the addresses is exit code 3, a definite failure', async (t) => {
  const put = await new RunningCli(process.cwd(), ['put', 'a', 'b', '--nodes', '127.0.0.1:1', '--json']).finished;
  t.is(put.code, 3);
  t.deepEqual([shown(put).error.code, shown(put).error.definite], ['UNAVAILABLE', true]);
});

test.serial('every command has --help with an example and the exit codes', async (t) => {
  const names = ['up', 'down', 'status', 'put', 'get', 'del', 'import', 'export', 'stop', 'kill', 'restart', 'node'];
  const whole = (await new RunningCli(process.cwd(), []).finished).out;
  for (const name of names) {
    t.regex(whole, new RegExp(`^  ${name} `, 'm'));
    const { code, out } = await new RunningCli(process.cwd(), [name, '--help']).finished;
    t.is(code, 0);
    t.regex(out, new RegExp(`\\$ npx fulcrum ${name}`));
    t.regex(out, /4 {2}outcome unknown/);
    t.regex(out, /--json/);
  }
});

test.serial('status shows every node, ready, with the peers it reaches', async (t) => {
  const { code, out } = await run('status', '--json');
  t.is(code, 0);
  const status = JSON.parse(out) as {
    policy: string;
    nodes: { id: string; pid: number; state: string; ready: boolean; peers: { id: string; reachable: boolean }[] }[];
  };
  t.is(status.policy, 'PC/EC');
  t.deepEqual(
    status.nodes.map(({ id, pid, state, ready }) => ({ id, pid, state, ready })),
    cluster.nodes.map(({ id, pid }) => ({ id, pid, state: 'up', ready: true })),
  );
  t.deepEqual(
    status.nodes[0]!.peers.map(({ id, reachable }) => ({ id, reachable })),
    [
      { id: 'n2', reachable: true },
      { id: 'n3', reachable: true },
    ],
  );
});

test.serial('FULCRUM_CLUSTER names the cluster', async (t) => {
  const child = new RunningCli(process.cwd(), ['status', '--json'], undefined, { FULCRUM_CLUSTER: cluster.file });
  t.is((JSON.parse((await child.finished).out) as { name: string }).name, cluster.name);
});

test.serial('import stops at a line that cannot be used, or goes on with --skip-invalid', async (t) => {
  const folder = await workFolder(t);
  const file = join(folder, 'lines.ndjson');
  await writeFile(file, '{"key":"i1","value":1}\n\n{"key":\n{"key":"i2","value":{"$bytes":"AQI="}}\n');
  const stopped = await run('import', file, '--json');
  t.is(stopped.code, 2);
  t.regex(shown(stopped).error.message, /Line 3 cannot be used.*1 lines were stored/);
  t.is((await run('get', 'i2')).code, 1);
  const skipping = await run('import', file, '--skip-invalid', '--json');
  t.is(skipping.code, 0);
  t.like(JSON.parse(skipping.out), { imported: 2, skipped: 1, skippedLines: [3] });
  t.deepEqual(shown(await run('get', 'i2', '--json')).value, { $bytes: 'AQI=' });
});

test.serial('of two lines with one key the later one wins', async (t) => {
  const lines = Array.from({ length: 500 }, (_, i) => `{"key":"same","value":${i}}\n`).join('');
  t.is((await pipe(lines, 'import', '-')).code, 0);
  t.is((await run('get', 'same')).out, '499\n');
});

test.serial('an export that cannot be finished leaves no file', async (t) => {
  const folder = await workFolder(t);
  const failed = await new RunningCli(folder, ['export', 'all.ndjson', '--nodes', '127.0.0.1:1']).finished;
  t.is(failed.code, 3);
  t.false(existsSync(join(folder, 'all.ndjson')));
  t.deepEqual(await readdir(folder), []);
});

test.serial('a node can be stopped and started again by name', async (t) => {
  const [, , third] = cluster.nodes;
  const stopped = JSON.parse((await run('stop', 'n3', '--json')).out) as object;
  t.like(stopped, { node: 'n3', pid: third!.pid, state: 'down', changed: true, clean: true });
  t.like(JSON.parse((await run('stop', 'n3', '--json')).out), { changed: false });
  t.regex(await readFile(join(third!.folder, 'node.log'), 'utf8'), /The node has stopped/);
  await cluster.restart('n3');
});
