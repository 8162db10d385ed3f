import test from 'ava';
import { measureStartup, startupLines } from '../../bench/startup.js';

test('a node with its keys is killed and started again, and all it needs until it serves is measured', async (t) => {
  const measured = await measureStartup({ keys: 200, seed: 1 }, 1);
  t.is(measured.keys, 200);
  const [run] = measured.runs;
  t.true(run!.readyMs > 0 && run!.firstReadMs > 0 && run!.treesMs >= run!.readyMs);
  t.regex(startupLines(measured).join('\n'), /200 keys.*\n\nready after \d+\.\d\d s, first read \d+ ms/);
});
