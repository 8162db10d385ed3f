import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { startStatusServer } from '../../src/edge/status-server.js';
import type { LiveSample } from '../../src/core/live-sample.js';
import { FakeLive, sampleOf } from '../adapters/fake-live.js';
import { until } from '../adapters/wire.js';

const silent = (): void => undefined;

async function serve(t: ExecutionContext, live: FakeLive): Promise<number> {
  const server = await startStatusServer({
    host: '127.0.0.1',
    port: 0,
    health: () => ({}),
    readiness: () => ({ ready: true }),
    metrics: { scrape: () => Promise.resolve({ contentType: 'text/plain', text: '' }) },
    live,
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  t.teardown(() => server.close());
  return server.port;
}

/** What has come in on an open stream of events. */
async function listening(t: ExecutionContext, port: number) {
  const ending = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}/live`, { signal: ending.signal });
  t.teardown(() => ending.abort());
  const heard = { text: '', over: false };
  const read = async (): Promise<void> => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) heard.text += chunk;
  };
  void read()
    .catch(silent)
    .finally(() => (heard.over = true));
  return { response, heard, end: () => ending.abort() };
}

function samplesIn(text: string): LiveSample[] {
  const blocks = text.split('\n\n').filter((block) => block.startsWith('id: '));
  return blocks.map((block) => JSON.parse(block.slice(block.indexOf('data: ') + 6)) as LiveSample);
}

test('every watcher is told every sample as one event with its number', async (t) => {
  const live = new FakeLive();
  const port = await serve(t, live);
  const watchers = [await listening(t, port), await listening(t, port)];
  t.is(watchers[0]!.response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  await until(() => watchers.every(({ heard }) => heard.text.startsWith('retry: 1000\n\n')), 'the streams were open');
  live.tell(sampleOf(7));
  await until(() => watchers.every(({ heard }) => samplesIn(heard.text).length === 1), 'the sample was there');
  live.tell(sampleOf(8));
  await until(() => watchers.every(({ heard }) => samplesIn(heard.text).length === 2), 'the next one was, too');
  for (const { heard } of watchers) {
    t.regex(heard.text, /\n\nid: 7\ndata: \{/);
    t.deepEqual(samplesIn(heard.text), JSON.parse(JSON.stringify([sampleOf(7), sampleOf(8)])));
  }
});

test('whoever goes away is no watcher any more, and a node that stops ends the streams', async (t) => {
  const live = new FakeLive();
  const port = await serve(t, live);
  const [first, second] = [await listening(t, port), await listening(t, port)];
  t.is(live.watchers.size, 2);
  first.end();
  await until(() => live.watchers.size === 1, 'the first was gone');
  live.stop();
  await until(() => second.heard.over, 'the second had ended');
  t.is(live.watchers.size, 0);
});

test('one watcher too many is refused with a reason', async (t) => {
  const live = new FakeLive();
  live.room = 0;
  const response = await fetch(`http://127.0.0.1:${await serve(t, live)}/live`);
  t.is(response.status, 503);
  t.regex(await response.text(), /As many watch this node already/);
});

test('a watcher that reads nothing is dropped with a notice, and nothing piles up for it', async (t) => {
  const live = new FakeLive();
  const port = await serve(t, live);
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', silent);
  socket.write('GET /live HTTP/1.1\r\nhost: here\r\n\r\n');
  socket.pause();
  await until(() => live.watchers.size === 1, 'the stream was open');
  // Larger than what the kernel takes for the other side at once.
  const large = sampleOf(1, { cluster: 'x'.repeat(16 * 1024 * 1024) });
  await until(() => {
    live.tell(large);
    return live.watchers.size === 0;
  }, 'it was dropped');
  t.is(live.dropped, 1);
  let tail = '';
  socket.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('latin1')).slice(-1_000);
  });
  socket.resume();
  await until(() => socket.readableEnded || socket.destroyed, 'the stream had ended');
  t.regex(tail, /event: dropped\ndata: \{"message":"This watcher did not take 5 samples in a row/);
});
