import test from 'ava';
import { startCluster } from '../../cluster/index.js';
import { cliIn, workFolder } from './run-cli.js';

interface Document {
  readonly items: readonly {
    readonly key: string;
    readonly value: unknown;
    readonly receipt: { readonly level: string };
  }[];
  readonly pagination: { readonly nextCursor: string | null; readonly hasMore: boolean };
}

test('scan prints lines that import reads, and goes on by its cursor', async (t) => {
  await using cluster = await startCluster();
  const fulcrum = cliIn(await workFolder(t));
  const nodes = ['--nodes', cluster.addresses.join(',')];
  const client = await cluster.connect();
  for (let i = 0; i < 12; i += 1) await client.put(`user/${String(i).padStart(2, '0')}`, { n: i });
  await client.put('other', 'text');

  const first = await fulcrum('scan', '--prefix', 'user/', '--limit', '5', ...nodes);
  t.is(first.code, 0, first.err);
  t.is(first.out.split('\n')[0], '{"key":"user/00","value":{"n":0}}');
  t.is(first.out.trimEnd().split('\n').length, 5);
  const cursor = /5 items at QUORUM; go on with --cursor (\S+)/.exec(first.err)![1]!;
  const second = await fulcrum('scan', '--prefix', 'user/', '--cursor', cursor, ...nodes);
  t.is(second.out.trimEnd().split('\n').length, 7);
  t.regex(second.err, /7 items at QUORUM, and nothing follows/);

  const json = await fulcrum(
    'scan',
    '--from',
    'user/03',
    '--to',
    'user/06',
    '--reverse',
    '--level',
    'one',
    '--json',
    ...nodes,
  );
  const { items, pagination } = JSON.parse(json.out) as Document;
  t.deepEqual(
    items.map(({ key }) => key),
    ['user/05', 'user/04', 'user/03'],
  );
  t.is(items[0]!.receipt.level, 'ONE');
  t.like(pagination, { nextCursor: null, hasMore: false });
  const jump = await fulcrum('scan', '--offset', '11', '--limit', '1', ...nodes);
  t.is(jump.out, '{"key":"user/10","value":{"n":10}}\n');

  const foreign = await fulcrum('scan', '--cursor', cursor, ...nodes);
  t.is(foreign.code, 2);
  t.regex(foreign.err, /the same prefix, from, to and reverse/);
  t.is((await fulcrum('scan', '--limit', '0', ...nodes)).code, 2);
});

test('scan explains itself, and an empty cluster is no failure', async (t) => {
  await using cluster = await startCluster();
  const fulcrum = cliIn(await workFolder(t));
  const help = await fulcrum('scan', '--help');
  t.regex(help.out, /\$ npx fulcrum scan --prefix user\//);
  const empty = await fulcrum('scan', '--nodes', cluster.addresses.join(','));
  t.is(empty.code, 0, empty.err);
  t.is(empty.out, '');
  t.regex(empty.err, /0 items/);
});
