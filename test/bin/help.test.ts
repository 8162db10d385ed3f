import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const CLI = fileURLToPath(new URL('../../src/bin/cli.js', import.meta.url));

/** Names, at the end of the process, the packages that were loaded of those that take long. */
const AT_EXIT = `import modules from 'node:module';
const heavy = ['@grpc/grpc-js', '@grpc/proto-loader', 'classic-level', 'msgpackr', 'pino', 'prom-client'];
const isLoaded = (name) => Object.keys(modules._cache).some((path) => path.includes('/node_modules/' + name + '/'));
process.once('exit', () => process.stderr.write(JSON.stringify(heavy.filter(isLoaded))));`;

test('a command is known before anything is loaded that talks to a cluster', async (t) => {
  const watched = ['--import', `data:text/javascript,${encodeURIComponent(AT_EXIT)}`, CLI];
  const run = promisify(execFile);
  const help = await run(process.execPath, [...watched, '--help']);
  t.regex(help.stdout, /gateway/);
  t.is(help.stderr, '[]');
  const status = await run(process.execPath, [...watched, 'get', 'key', '--nodes', '127.0.0.1:1']).catch(
    (error: unknown) => error as { stderr: string },
  );
  t.regex(status.stderr, /"@grpc\/grpc-js"/, 'the look at what is loaded sees it');
});
