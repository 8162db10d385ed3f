import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { startCluster } from '../../cluster/index.js';
import { words } from './data-set.js';
import { RunningCli, workFolder } from './run-cli.js';

test('a real data set is the same after import and export, sorted by key, with the rate printed', async (t) => {
  t.timeout(300_000);
  await using cluster = await startCluster();
  const folder = await workFolder(t);
  const lines = (await words()).map((word, index) => JSON.stringify({ key: word, value: index }));
  await writeFile(join(folder, 'words.ndjson'), `${lines.join('\n')}\n`);
  const nodes = ['--nodes', cluster.addresses.join(',')];

  const imported = await new RunningCli(folder, ['import', 'words.ndjson', ...nodes]).finished;
  t.is(imported.code, 0, imported.err);
  t.regex(
    imported.out,
    new RegExp(`^imported ${lines.length.toLocaleString('en-US')} in .* s, [0-9,]+ a second$`, 'm'),
  );
  t.log(imported.out.trim());
  const exported = await new RunningCli(folder, ['export', 'out.ndjson', ...nodes, '--json']).finished;
  t.is(exported.code, 0, exported.err);
  t.log(exported.out.trim());
  t.is((JSON.parse(exported.out) as { exported: number }).exported, lines.length);

  const found = (await readFile(join(folder, 'out.ndjson'), 'utf8')).trimEnd().split('\n');
  const byKey = (a: string, b: string): number => Buffer.compare(Buffer.from(keyOf(a)), Buffer.from(keyOf(b)));
  t.true(found.every((line, index) => index === 0 || byKey(found[index - 1]!, line) < 0));
  t.is(found.join('\n'), [...lines].sort(byKey).join('\n'));
});

function keyOf(line: string): string {
  return (JSON.parse(line) as { key: string }).key;
}
