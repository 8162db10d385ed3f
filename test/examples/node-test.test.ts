/** The example for node:test, run as its readers run it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import test from 'ava';

test('the example for node:test passes under node --test', async (t) => {
  const file = fileURLToPath(new URL('./partition-node-test.js', import.meta.url));
  const child = spawn(process.execPath, ['--test', '--test-reporter=tap', file], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const said = text(child.stdout);
  const [code] = (await once(child, 'close')) as [number | null];
  t.is(code, 0, await said);
  t.regex(await said, /# pass 1\b/);
});
