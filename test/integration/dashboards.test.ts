import { readFile } from 'node:fs/promises';
import test from 'ava';
import { startCluster } from '../../cluster/index.js';
import { startGatewayProcess } from './gateway-process.js';

const read = (name: string): Promise<string> =>
  readFile(new URL(`../../../dashboards/${name}`, import.meta.url), 'utf8');
const FILES = ['grafana.json', 'alerts.yml'] as const;

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** Every name under which the page has samples, and the labels that were seen on it. */
function exported(page: string): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  const labelsOf = (name: string): Set<string> => {
    const labels = names.get(name) ?? new Set<string>();
    names.set(name, labels);
    return labels;
  };
  for (const [, name, type] of page.matchAll(/^# TYPE (\S+) (\S+)$/gm))
    for (const suffix of type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) labelsOf(`${name!}${suffix}`);
  for (const [, name, labels] of page.matchAll(/^(fulcrum_\w+)\{([^}]*)\}/gm))
    for (const [, label] of labels!.matchAll(/(\w+)="/g)) labelsOf(name!).add(label!);
  return names;
}

test('every metric and label that the dashboard and the alerts name is exported by a running node or gateway', async (t) => {
  await using cluster = await startCluster({ nodes: 2, replicas: 2, counterfactuals: 1 });
  const client = await cluster.connect();
  await client.put('key', 'value', { level: 'QUORUM' });
  await client.get('key', { level: 'QUORUM' });
  const gateway = await startGatewayProcess(t, cluster);
  await fetch(`${gateway.url}/kv/key`);
  const origins = [...cluster.nodes.map(({ http }) => `http://${http}`), gateway.url];
  const pages = origins.map(async (origin) => (await fetch(`${origin}/metrics`)).text());
  const metrics = exported((await Promise.all(pages)).join('\n'));
  // Prometheus adds it; a node that keeps nothing for anybody shows no target.
  const known = (name: string): string[] => [
    'instance',
    ...(name === 'fulcrum_target_hints' ? ['target'] : []),
    ...metrics.get(name)!,
  ];
  for (const file of FILES) {
    const text = await read(file);
    const named = [...text.matchAll(/\b(fulcrum_\w+)(?:\{((?:\\"|[^}])*)\})?/g)];
    t.true(named.length > 10, file);
    for (const [, name, selectors = ''] of named) {
      t.true(metrics.has(name!), `${file} names ${name}, which nothing exports`);
      const labels = [...selectors.matchAll(/(\w+)(?:=~|!~|!=|=)/g)].map(([, label]) => label!);
      for (const label of labels) t.true(known(name!).includes(label), `${file}: ${name} has no label ${label}`);
    }
  }
});

test('every panel of the dashboard shows something, says what, and has an id of its own', async (t) => {
  const { panels } = JSON.parse(await read('grafana.json')) as { panels: readonly Panel[] };
  t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const { type, title, description, targets } of panels.filter((panel) => panel.type !== 'row')) {
    t.truthy(description, title);
    t.true(
      targets!.every(({ expr }) => expr.includes('fulcrum_')),
      `${title} (${type})`,
    );
  }
});

test('every alert says how bad it is, what happened, and what that means', async (t) => {
  const alerts = (await read('alerts.yml')).split('- alert: ').slice(1);
  t.true(alerts.length >= 10);
  for (const alert of alerts) {
    t.regex(alert, /^Fulcrum\w+\n/);
    t.regex(alert, /\n {8}expr: /);
    t.regex(alert, /\n {10}severity: (critical|warning|info)\n/);
    t.regex(alert, /\n {10}summary: .+\n {10}description: .+/);
  }
});
