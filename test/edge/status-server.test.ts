import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { startStatusServer, type Readiness } from '../../src/edge/status-server.js';
import { FakeLive } from '../adapters/fake-live.js';
import type { Log } from '../../src/ports/log.js';
import type { MetricsPage } from '../../src/ports/metrics.js';

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

interface Given {
  readonly readiness?: () => Readiness;
  readonly metrics?: MetricsPage;
}

const METRICS: MetricsPage = { scrape: () => Promise.resolve({ contentType: 'text/plain', text: 'up 1\n' }) };

async function serve(t: ExecutionContext, given: Given): Promise<string> {
  const server = await startStatusServer({
    host: '127.0.0.1',
    port: 0,
    health: () => ({ node: 'n1' }),
    readiness: given.readiness ?? (() => ({ ready: true })),
    metrics: given.metrics ?? METRICS,
    live: new FakeLive(),
    log,
  });
  t.teardown(() => server.close());
  return `http://127.0.0.1:${server.port}`;
}

test('/healthz answers 200 and says who answers', async (t) => {
  const response = await fetch(`${await serve(t, {})}/healthz`);
  t.is(response.status, 200);
  t.deepEqual(await response.json(), { status: 'ok', node: 'n1' });
});

test('/readyz follows the readiness, and gives the reason', async (t) => {
  let readiness: Readiness = { ready: false, reason: '1 of 3 nodes reached' };
  const base = await serve(t, { readiness: () => readiness });
  const before = await fetch(`${base}/readyz`);
  t.is(before.status, 503);
  t.deepEqual(await before.json(), readiness);
  readiness = { ready: true };
  const after = await fetch(`${base}/readyz?verbose`);
  t.is(after.status, 200);
  await after.text();
});

test('/metrics answers in the type of the registry', async (t) => {
  const response = await fetch(`${await serve(t, {})}/metrics`);
  t.is(response.headers.get('content-type'), 'text/plain');
  t.is(await response.text(), 'up 1\n');
});

test('metrics that cannot be rendered are a 500, and the server lives on', async (t) => {
  const base = await serve(t, { metrics: { scrape: () => Promise.reject(new Error('no')) } });
  const broken = await fetch(`${base}/metrics`);
  t.is(broken.status, 500);
  await broken.text();
  const healthy = await fetch(`${base}/healthz`);
  t.is(healthy.status, 200);
  await healthy.text();
});

test('other paths are 404, other methods 405', async (t) => {
  const base = await serve(t, {});
  const missing = await fetch(`${base}/other`);
  t.is(missing.status, 404);
  await missing.text();
  const posted = await fetch(`${base}/healthz`, { method: 'POST', body: 'x' });
  t.is(posted.status, 405);
  t.is(posted.headers.get('allow'), 'GET, HEAD');
  await posted.text();
});

test('bytes that are no HTTP are refused, and the server lives on', async (t) => {
  const base = await serve(t, {});
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  socket.end('\x00\xff garbage\r\n\r\n');
  t.regex(await text(socket), /^HTTP\/1\.1 400 /);
  const healthy = await fetch(`${base}/healthz`);
  t.is(healthy.status, 200);
  await healthy.text();
});

test('a port that is taken rejects with EADDRINUSE', async (t) => {
  const port = Number(new URL(await serve(t, {})).port);
  const again = startStatusServer({
    host: '127.0.0.1',
    port,
    health: () => ({}),
    readiness: () => ({ ready: true }),
    metrics: METRICS,
    live: new FakeLive(),
    log,
  });
  await t.throwsAsync(again, { code: 'EADDRINUSE' });
});
