import test, { type ExecutionContext } from 'ava';
import type { FulcrumError } from '../../src/core/errors.js';
import type { LiveSample } from '../../src/core/live-sample.js';
import { watchNode } from '../../src/adapters/live-watch.js';
import { FakeLive, sampleOf } from './fake-live.js';
import { UnreadStream } from './unread-stream.js';
import { startWire, until } from './wire.js';

/** What JSON keeps: fields that are undefined are absent. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

async function watching(t: ExecutionContext, live: FakeLive) {
  const { server } = await startWire({ live });
  t.teardown(() => server.stop());
  const samples: LiveSample[] = [];
  const ends: (FulcrumError | undefined)[] = [];
  const end = watchNode(server.address, {
    onSample: (sample) => samples.push(sample),
    onEnd: (reason) => ends.push(reason),
  });
  t.teardown(end);
  return { samples, ends, end, address: server.address };
}

test('a sample arrives over gRPC as it was told, whatever is absent in it', async (t) => {
  const live = new FakeLive();
  const { samples } = await watching(t, live);
  await until(() => live.watchers.size === 1, 'the stream was open');
  live.tell(sampleOf(1));
  await until(() => samples.length === 1, 'the first sample was there');
  live.tell(sampleOf(2, { hints: [], staleness: [{ level: 'ONE', reads: 0 }] }));
  await until(() => samples.length === 2, 'both samples were there');
  t.deepEqual(
    asJson(samples),
    asJson([sampleOf(1), sampleOf(2, { hints: [], staleness: [{ level: 'ONE', reads: 0 }] })]),
  );
});

test('a watcher that ends is no watcher any more', async (t) => {
  const live = new FakeLive();
  const { ends, end } = await watching(t, live);
  await until(() => live.watchers.size === 1, 'the stream was open');
  end();
  await until(() => live.watchers.size === 0, 'the node knew that it had ended');
  t.deepEqual(ends, []);
});

test('a node that stops ends the stream in good order', async (t) => {
  const live = new FakeLive();
  const { ends } = await watching(t, live);
  await until(() => live.watchers.size === 1, 'the stream was open');
  live.stop();
  await until(() => ends.length === 1, 'the stream had ended');
  t.is(ends[0], undefined);
});

test('one watcher too many is told so', async (t) => {
  const live = new FakeLive();
  live.room = 0;
  const { ends } = await watching(t, live);
  await until(() => ends.length === 1, 'the stream had ended');
  t.is(ends[0]?.code, 'OVERLOADED');
  t.regex(ends[0]!.message, /As many watch this node already/);
});

test('a watcher that takes nothing is dropped, and costs no memory', async (t) => {
  const live = new FakeLive();
  const { server } = await startWire({ live });
  t.teardown(() => server.stop());
  const unread = new UnreadStream(server.address, '/fulcrum.v1.Admin/Watch');
  t.teardown(() => unread.close());
  // An empty request.
  unread.send(new Uint8Array(0));
  unread.finish();
  await until(() => live.watchers.size === 1, 'the stream was open');
  // Larger than the window of a stream, so that it is not taken by the first one.
  const large = sampleOf(1, { cluster: 'x'.repeat(1024 * 1024) });
  let told = 0;
  await until(() => {
    live.tell(large);
    told += 1;
    return live.watchers.size === 0;
  }, 'it was dropped');
  t.is(live.dropped, 1);
  t.true(told >= 5, `${told}`);
});
