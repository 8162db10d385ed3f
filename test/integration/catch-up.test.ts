import test from 'ava';
import { startCluster } from '../../cluster/index.js';
import { getJson } from '../../cluster/http-json.js';
import { through, until, untilAnswered } from './calls-through.js';
import { cliIn } from './run-cli.js';

const KEYS = 300;

interface Status {
  readonly nodes: readonly {
    readonly id: string;
    readonly repair?: { readonly comparing: string | null; readonly progress: number; readonly mended: number };
  }[];
}

test.serial('a node that was down catches up while it serves, and status shows how far it is', async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const client = await cluster.connect({ timeoutMs: 30_000 });
  const keys = Array.from({ length: KEYS }, (_, index) => `key/${index}`);
  const store = async (value: string): Promise<void> => {
    // Again for those that were under way when a node was killed.
    for (let left = keys; left.length > 0;) {
      const entries = await client.putMany(left.map((key) => ({ key, value })));
      left = entries.filter(({ ok }) => !ok).map(({ key }) => key);
    }
  };
  await store('before');
  await cluster.kill('n3');
  await store('meanwhile');
  await cluster.restart('n3');
  const n3 = cluster.nodes.find(({ id }) => id === 'n3')!;
  const one = await through(t, n3.address);
  t.is((await untilAnswered(() => one.get('key/1', { level: 'QUORUM' }))).value, 'meanwhile');

  let seen = 0;
  const mended = async (): Promise<number> => {
    const answers = await Promise.all(cluster.nodes.map(({ http }) => getJson(http, '/readyz', 5_000)));
    const bodies = answers.map((answer) => answer?.body as Status['nodes'][number] | undefined);
    return bodies.reduce((sum, body) => sum + (body?.repair?.mended ?? 0), 0);
  };
  await until(async () => (seen = await mended()) > 0);
  const { out } = await cliIn('.')('status', '--cluster', cluster.file, '--json');
  const { nodes } = JSON.parse(out) as Status;
  t.true(
    nodes.some(({ repair }) => repair !== undefined && repair.mended > 0),
    out,
  );
  t.regex((await cliIn('.')('status', '--cluster', cluster.file)).out, /\d+ keys mended/);

  await until(async () => {
    const entries = await one.getMany(keys, { level: 'ONE', timeoutMs: 30_000 });
    return entries.every((entry) => entry.ok && entry.result.value === 'meanwhile');
  });
  t.true((await mended()) >= seen);
});
