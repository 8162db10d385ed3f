import test, { type ExecutionContext } from 'ava';
import { waitUntil } from '../../cluster/wait.js';
import type { ConsoleView, LinkState } from '../../src/console/api.js';
import { Console } from '../../src/console/console.js';
import { partsFor, ScriptedCluster } from './scripted-cluster.js';

const WAIT_MS = 20_000;

function started(t: ExecutionContext, cluster = new ScriptedCluster()) {
  const console = new Console(partsFor(cluster));
  t.teardown(() => console.stop());
  return { console, cluster };
}

function linkStates({ links }: ConsoleView): Record<string, LinkState> {
  return Object.fromEntries(links.map(({ a, b, state }) => [`${a}-${b}`, state]));
}

test('nodes drawn apart lose their links to the others and keep those between themselves', async (t) => {
  const { console, cluster } = started(t);
  await console.control({ do: 'partition', apart: ['n1'] });
  t.deepEqual(linkStates(console.view()), { 'n1-n2': 'cut', 'n1-n3': 'cut', 'n2-n3': 'up' });
  t.deepEqual(cluster.asked.sort(), ['cut n1 n2', 'cut n1 n3']);
});

test('only what is different is done: a drawn partition moved on', async (t) => {
  const { console, cluster } = started(t);
  await console.control({ do: 'partition', apart: ['n1'] });
  cluster.asked.length = 0;
  await console.control({ do: 'partition', apart: ['n2'] });
  t.deepEqual(cluster.asked.sort(), ['cut n2 n3', 'mend n1 n3']);
});

test('all nodes drawn apart from nobody are no partition', async (t) => {
  const { console } = started(t);
  await console.control({ do: 'partition', apart: ['n1', 'n2', 'n3'] });
  t.deepEqual(console.view().apart, []);
});

test('a link that was cut by itself stays cut when a partition is joined', async (t) => {
  const { console } = started(t);
  await console.control({ do: 'cut', a: 'n2', b: 'n1' });
  await console.control({ do: 'partition', apart: ['n1'] });
  await console.control({ do: 'partition', apart: [] });
  t.deepEqual(linkStates(console.view()), { 'n1-n2': 'cut', 'n1-n3': 'up', 'n2-n3': 'up' });
});

test('the slowest of what is asked for a link holds', async (t) => {
  const { console, cluster } = started(t);
  await console.control({ do: 'slow', node: 'n1', ms: 100 });
  await console.control({ do: 'slow-link', a: 'n1', b: 'n2', ms: 300 });
  t.is(console.view().links.find(({ a, b }) => a === 'n1' && b === 'n2')?.slowMs, 300);
  await console.control({ do: 'slow', node: 'n1', ms: 0 });
  t.deepEqual(linkStates(console.view()), { 'n1-n2': 'slow', 'n1-n3': 'up', 'n2-n3': 'up' });
  t.is(cluster.asked.at(-1), 'mend n1 n3');
});

test('a heal mends links, lets paused nodes go on and starts dead ones again', async (t) => {
  const { console, cluster } = started(t);
  await console.control({ do: 'partition', apart: ['n1'] });
  await console.control({ do: 'pause', node: 'n2' });
  await console.control({ do: 'kill', node: 'n3' });
  t.is(console.view().faults.filter(({ toMs }) => toMs === undefined).length, 3);
  await console.control({ do: 'heal' });
  const view = console.view();
  t.true(view.nodes.every(({ state }) => state === 'up'));
  t.true(view.links.every(({ state }) => state === 'up'));
  t.deepEqual(view.apart, []);
  t.deepEqual(
    view.faults.filter(({ toMs }) => toMs === undefined),
    [],
  );
  t.deepEqual([...cluster.states.values()], ['up', 'up', 'up']);
});

test('a fault that fails is reported, and the next change tries it again', async (t) => {
  const cluster = new ScriptedCluster();
  const links = cluster.links!;
  const real = links.cut.bind(links);
  let fails = true;
  links.cut = async (a, b) => (fails ? Promise.reject(new Error('no proxy')) : real(a, b));
  const { console } = started(t, cluster);
  await t.throwsAsync(console.control({ do: 'cut', a: 'n1', b: 'n2' }), { message: 'no proxy' });
  fails = false;
  await console.control({ do: 'slow', node: 'n3', ms: 50 });
  t.true(cluster.asked.includes('cut n1 n2'));
});

test('while somebody watches the callers ask, and every level is summed up', async (t) => {
  const { console } = started(t);
  const leave = console.listen({ view: () => undefined, second: () => undefined });
  const isSeen = await waitUntil(() => {
    const { levels } = console.view();
    return [levels.ONE, levels.QUORUM, levels.ALL].every(({ answered, p50 }) => answered > 0 && p50 !== undefined);
  }, WAIT_MS);
  leave();
  t.true(isSeen);
  t.true(console.history().length > 0);
});

test('the policy and its change are shown', async (t) => {
  const { console, cluster } = started(t);
  await console.control({ do: 'policy', policy: 'PA/EL' });
  t.is(cluster.policyNow, 'PA/EL');
  t.like(console.view().cluster, { policy: 'PA/EL', settling: false });
  t.is(console.view().faults.at(-1)?.label, 'policy → PA/EL');
});
