import test from 'ava';
import { startCluster } from '../../cluster/index.js';
import { waitUntil } from '../../cluster/wait.js';
import type { ClusterLive } from '../../src/core/cluster-live.js';
import { watchCluster } from '../../src/index.js';
import { RunningCli } from './run-cli.js';

const DEADLINE_MS = 60_000;

function linesOf(cli: RunningCli): ClusterLive[] {
  const whole = cli.out.slice(0, cli.out.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ClusterLive);
}

test('fulcrum top shows what a real cluster does, and what the other levels would have given', async (t) => {
  await using cluster = await startCluster({ policy: 'PA/EL', counterfactuals: 1 });
  const client = await cluster.connect();
  const where = ['--cluster', cluster.file];
  const cli = new RunningCli('.', ['top', '--json', ...where]);
  t.teardown(() => cli.child.kill());
  const load = { isOver: false };
  const lane = (async () => {
    for (let index = 0; !load.isOver; index += 1) {
      await client.put(`key-${index % 20}`, `value ${index}`, { level: 'ONE' });
      await client.get(`key-${index % 20}`, { level: 'QUORUM' });
    }
  })();
  const shows = (what: (live: ClusterLive) => boolean): Promise<boolean> =>
    waitUntil(() => linesOf(cli).some(what), DEADLINE_MS);

  t.true(await shows(({ nodes }) => nodes.every(({ state, ready }) => state === 'up' && ready)), 'all nodes are ready');
  t.true(
    await shows(({ levels }) => levels[0]!.writes.count > 0 && levels[1]!.reads.count > 0),
    'traffic of both levels',
  );
  const sampled = ({ counterfactual }: ClusterLive): boolean =>
    counterfactual.levels.every(({ reads, writes }) => reads.answered > 0 && writes.answered > 0) &&
    counterfactual.replicas.length === 3;
  t.true(await shows(sampled), 'what all levels and replicas would have given');
  t.true(
    await shows(({ staleness }) =>
      staleness.every(({ predicted, measured }) => predicted !== undefined && measured !== undefined),
    ),
    'predicted and measured staleness',
  );

  await cluster.kill('n3');
  t.true(
    await shows(({ nodes }) => nodes.some(({ node, state }) => node === 'n3' && state === 'silent')),
    'n3 is silent',
  );
  t.true(
    await shows(({ links }) =>
      links.some(({ node, peer, state }) => node === 'n1' && peer === 'n3' && state !== 'alive'),
    ),
    'n1 does not hear n3',
  );
  t.true(await shows(({ levels }) => levels.some(({ reads, writes }) => reads.count + writes.count > 0)), 'it goes on');
  load.isOver = true;
  await lane;

  cli.child.kill('SIGINT');
  const { code } = await cli.finished;
  t.is(code, 0);

  const once = await new RunningCli('.', ['top', '--once', ...where]).finished;
  t.is(once.code, 0, once.err);
  t.regex(once.out, /policy PA\/EL/);
  t.regex(once.out, /n3 .* silent/);
  t.false(once.out.includes('\u001b'));
});

test('a node tells the same as server-sent events', async (t) => {
  await using cluster = await startCluster({ nodes: 1 });
  const ending = new AbortController();
  const response = await fetch(`http://${cluster.nodes[0]!.http}/live`, { signal: ending.signal });
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (/^data: .*\n\n/m.test(text)) break;
  }
  ending.abort();
  const [, data] = /^data: (.*)\n\n/m.exec(text)!;
  t.like(JSON.parse(data!), { cluster: cluster.name, node: 'n1', ready: true, policy: { policy: 'PC/EC' } });
});

test('the library watches a cluster, and follows a node that goes and comes back', async (t) => {
  await using cluster = await startCluster();
  const watch = await watchCluster({ cluster: cluster.file });
  t.teardown(() => watch.stop());
  t.true(await waitUntil(() => watch.isWhole, DEADLINE_MS));
  t.like(watch.now(), { cluster: cluster.name, policy: { policy: 'PC/EC', epoch: 1, settled: true } });
  await cluster.kill('n2');
  t.true(await waitUntil(() => !watch.isWhole, DEADLINE_MS));
  await cluster.restart('n2');
  t.true(await waitUntil(() => watch.isWhole, DEADLINE_MS));
});

test('fulcrum top without a cluster says so', async (t) => {
  const { code, err } = await new RunningCli('.', ['top', '--once', '--nodes', '127.0.0.1:1']).finished;
  t.is(code, 3);
  t.regex(err, /UNAVAILABLE: No node answers at 127\.0\.0\.1:1\. Start the cluster with: npx fulcrum up/);
});
