/** Where the embedded server is not as the real one, on purpose. */
import test, { type ExecutionContext } from 'ava';
import { startProxyServer } from '../../../chaos/proxy-server/server.js';
import { cuts } from '../../../chaos/proxy-server/toxics/slicer.js';
import { startEcho } from './echo-server.js';
import { ask } from './subject.js';
import { Talker } from './talker.js';

async function started(t: ExecutionContext): Promise<string> {
  const server = await startProxyServer();
  t.teardown(() => server.close());
  return server.url;
}

test('nothing outside loopback is listened at', async (t) => {
  const url = await started(t);
  for (const listen of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'example.org:0']) {
    const { status, body } = await ask(url, 'POST', '/proxies', { name: 'a', listen, upstream: '127.0.0.1:9' });
    t.is(status, 500, listen);
    t.regex((body as { error: string }).error, /loopback only/);
  }
  const { body } = await ask(url, 'POST', '/proxies', { name: 'a', upstream: '127.0.0.1:9' });
  t.regex((body as { listen: string }).listen, /^127\.0\.0\.1:\d+$/);
});

test('nothing outside loopback is connected to', async (t) => {
  const url = await started(t);
  const wanted = { name: 'a', listen: 'localhost:0', upstream: '192.0.2.1:80' };
  const { listen } = (await ask(url, 'POST', '/proxies', wanted)).body as { listen: string };
  const talker = await Talker.to(listen);
  await talker.ends();
  t.is(talker.received.length, 0);
});

test('its metrics count bytes by proxy and direction, in the format of Prometheus', async (t) => {
  const url = await started(t);
  const echo = await startEcho();
  t.teardown(() => echo.close());
  const wanted = { name: 'a', listen: 'localhost:0', upstream: echo.address };
  const { listen } = (await ask(url, 'POST', '/proxies', wanted)).body as { listen: string };
  await ask(url, 'POST', '/proxies/a/toxics', { type: 'limit_data', attributes: { bytes: 3 } });
  const talker = await Talker.to(listen);
  talker.say('hello');
  await talker.ends();
  const { body, type } = await ask(url, 'GET', '/metrics');
  t.regex(type ?? '', /^text\/plain/);
  const labels = (direction: string): string =>
    `{direction="${direction}",listener="${listen}",proxy="a",upstream="${echo.address}"}`;
  const lines = String(body).split('\n');
  t.true(lines.includes(`toxiproxy_proxy_received_bytes_total${labels('upstream')} 5`));
  t.true(lines.includes(`toxiproxy_proxy_sent_bytes_total${labels('downstream')} 3`));
  t.true(lines.includes('# TYPE toxiproxy_proxy_sent_bytes_total counter'));
});

test('a slicer cuts everything, in order, into pieces about as large as it says', (t) => {
  for (const [average, variation, length] of [
    [10, 5, 1_000],
    [1, 0, 64],
    [0, 0, 33],
    [100, 0, 99],
    [5, 50, 200],
  ] as const) {
    const pieces = cuts(0, length, { average_size: average, size_variation: variation }, 0);
    t.is(pieces[0]!.from, 0);
    t.is(pieces.at(-1)!.to, length);
    pieces.forEach(({ from, to }, i) => {
      t.true(to > from);
      t.is(from, i === 0 ? 0 : pieces[i - 1]!.to);
      t.true(to - from <= Math.max(1, average + variation));
    });
  }
  t.deepEqual(cuts(0, 0, { average_size: 1, size_variation: 0 }, 0), [{ from: 0, to: 0 }]);
});
