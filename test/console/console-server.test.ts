import { request } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { TOKEN_HEADER } from '../../src/console/access.js';
import type { ConsoleView } from '../../src/console/api.js';
import { Console } from '../../src/console/console.js';
import { startConsoleServer } from '../../src/console/console-server.js';
import { WATCHERS_MAX } from '../../src/console/watchers.js';
import { NODES, partsFor, ScriptedCluster } from './scripted-cluster.js';

const TOKEN = 'token-of-this-test';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

async function serve(t: ExecutionContext, cluster = new ScriptedCluster()) {
  const console = new Console(partsFor(cluster));
  const server = await startConsoleServer({ console, nodes: NODES, token: TOKEN, port: 0 });
  t.teardown(() => server.close());
  const { port } = server;
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', body?: string) =>
    send(port, path, { host: `127.0.0.1:${port}`, ...headers }, method, body);
  const control = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    ask(
      '/api/control',
      { 'content-type': 'application/json', [TOKEN_HEADER]: TOKEN, ...headers },
      'POST',
      JSON.stringify(body),
    );
  return { server, port, cluster, ask, control };
}

/** With the headers as they are given: browsers and fetch would not let a test choose Host and Origin. */
function send(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  method: string,
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    call.on('error', reject).end(body);
  });
}

test('the address holds the token where browsers send it to nobody', async (t) => {
  const { server, port } = await serve(t);
  t.is(server.url, `http://127.0.0.1:${port}/#token=${TOKEN}`);
});

test('the page and all it needs come from here, under a policy that forbids the rest', async (t) => {
  const { ask } = await serve(t);
  const page = await ask('/');
  t.is(page.status, 200);
  const csp = String(page.headers['content-security-policy']);
  t.regex(csp, /default-src 'none'.*script-src 'self'/);
  t.notRegex(csp, /unsafe/);
  t.notRegex(page.body, /<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|https?:/, 'nothing inline, nothing from elsewhere');
  const named = [...page.body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);
  t.true(named.length >= 5);
  for (const path of named) t.is((await ask(path)).status, 200, path);
});

test('every module that the page loads is served', async (t) => {
  const { ask } = await serve(t);
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const { status, body } = await ask(path);
    t.is(status, 200, path);
    for (const [, to] of body.matchAll(/(?:from|import)\s+'([^']+)'/g))
      await visit(new URL(to!, `http://x${path}`).pathname);
  };
  await visit('/page/main.js');
  t.true(seen.size > 5);
});

test('nothing else on the disk can be asked for', async (t) => {
  const { ask } = await serve(t);
  for (const path of [
    '/page/../console.js',
    '/page/%2e%2e/console.js',
    '/../package.json',
    '/page/main.ts',
    '/page/',
  ]) {
    t.is((await ask(path)).status, 404, path);
  }
});

test('the token is told by no answer', async (t) => {
  const { ask } = await serve(t);
  for (const path of ['/', '/api/state', '/page/main.js']) t.false((await ask(path)).body.includes(TOKEN), path);
});

test('a call with the token is carried out and answered with the new picture', async (t) => {
  const { control, cluster } = await serve(t);
  const { status, body } = await control({ do: 'cut', a: 'n1', b: 'n2' });
  t.is(status, 200);
  t.deepEqual(cluster.asked, ['cut n1 n2']);
  const { links } = JSON.parse(body) as ConsoleView;
  t.is(links.find(({ a, b }) => a === 'n1' && b === 'n2')?.state, 'cut');
});

const REFUSED: readonly (readonly [why: string, status: number, headers: Readonly<Record<string, string>>])[] = [
  ['no token', 401, { [TOKEN_HEADER]: '' }],
  ['another token', 401, { [TOKEN_HEADER]: 'guess' }],
  ['another page', 403, { origin: 'http://evil.example' }],
  ['another site, by what the browser says', 403, { 'sec-fetch-site': 'cross-site' }],
  ['a foreign name', 421, { host: 'evil.example' }],
  ['a form', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
];

for (const [why, expected, headers] of REFUSED) {
  test(`refused, and nothing done: ${why}`, async (t) => {
    const { control, cluster } = await serve(t);
    const { status, body, headers: said } = await control({ do: 'kill', node: 'n1' }, headers);
    t.is(status, expected);
    t.truthy((JSON.parse(body) as { readonly error: { readonly message: string } }).error.message);
    t.is(said['access-control-allow-origin'], undefined);
    t.deepEqual(cluster.asked, []);
  });
}

test('a preflight of another page gets no permission', async (t) => {
  const { ask, cluster } = await serve(t);
  const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST' };
  const { status, headers: said } = await ask('/api/control', headers, 'OPTIONS');
  t.is(status, 405);
  t.is(said['access-control-allow-origin'], undefined);
  t.deepEqual(cluster.asked, []);
});

test('state is changed by POST alone', async (t) => {
  const { ask, cluster } = await serve(t);
  for (const method of ['GET', 'PUT', 'DELETE']) t.is((await ask('/api/control', {}, method)).status, 405);
  t.is((await ask('/api/state', {}, 'POST')).status, 405);
  t.deepEqual(cluster.asked, []);
});

test('what cannot be understood is refused with a reason, and nothing is done', async (t) => {
  const { control, cluster, ask } = await serve(t);
  const bodies = [
    null,
    [],
    { do: 'explode' },
    { do: 'kill', node: 'n9' },
    { do: 'cut', a: 'n1', b: 'n1' },
    { do: 'cut', a: 'n1' },
    { do: 'slow', node: 'n1', ms: 1e9 },
    { do: 'partition', apart: 'n1' },
    { do: 'policy', policy: 'CP' },
    { do: 'load', settings: { running: true, ratePerSecond: 1e6, readShare: 0.5, level: 'ONE' } },
    { do: 'load', settings: { running: true, ratePerSecond: 10, readShare: 2, level: 'ONE' } },
  ];
  for (const body of bodies) {
    const answer = await control(body);
    t.is(answer.status, 400, JSON.stringify(body));
    t.regex(answer.body, /Nothing was done/);
  }
  const headers = { 'content-type': 'application/json', [TOKEN_HEADER]: TOKEN };
  t.is((await ask('/api/control', headers, 'POST', '{')).status, 400);
  t.is((await ask('/api/control', headers, 'POST', ' '.repeat(20_000))).status, 413);
  t.deepEqual(cluster.asked, []);
});

test('where links are direct they cannot be cut, and the answer says how to start', async (t) => {
  const { control } = await serve(t, new ScriptedCluster({ canCut: false }));
  const { status, body } = await control({ do: 'partition', apart: ['n1'] });
  t.is(status, 400);
  t.regex(body, /--chaos/);
});

test('a bounded number of pages may watch, and one that leaves makes room', async (t) => {
  const { port, ask } = await serve(t);
  const open = (): Promise<{ status: number; leave: () => void }> =>
    new Promise((resolve, reject) => {
      const headers = { host: `127.0.0.1:${port}` };
      const call = request({ host: '127.0.0.1', port, path: '/api/events', headers, agent: false }, (response) => {
        response.on('error', () => undefined).resume();
        resolve({ status: response.statusCode ?? 0, leave: () => call.destroy() });
      });
      call.on('error', reject).end();
    });
  const watchers = [];
  for (let i = 0; i < WATCHERS_MAX; i += 1) watchers.push(await open());
  t.true(watchers.every(({ status }) => status === 200));
  t.is((await ask('/api/events')).status, 503);
  watchers[0]!.leave();
  for (;;) {
    const next = await open();
    next.leave();
    if (next.status === 200) break;
  }
  for (const { leave } of watchers) leave();
});
