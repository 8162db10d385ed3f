/** What the two ends of a proxied connection can tell. */
import type { ExecutionContext } from 'ava';
import { waitUntil } from '../../../cluster/wait.js';
import type { Promised } from './api-conformance.js';
import { startEcho, type EchoServer } from './echo-server.js';
import { ask } from './subject.js';
import { Talker } from './talker.js';

const WAIT_MS = 20_000;
/** Nothing has come for so long: it does not come. */
const SILENCE_MS = 300;
/** Timers and clocks do not agree to the last millisecond. */
const TOLERANCE_MS = 5;

interface Bench {
  readonly echo: EchoServer;
  readonly dial: () => Promise<Talker>;
  readonly add: (type: string, stream: string, attributes?: object, more?: object) => Promise<void>;
  readonly change: (name: string, body: object) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
}

async function bench(t: ExecutionContext, url: string, { answers = true } = {}): Promise<Bench> {
  const echo = await startEcho({ answers });
  t.teardown(() => echo.close());
  const made = await ask(url, 'POST', '/proxies', { name: 'a', listen: '127.0.0.1:0', upstream: echo.address });
  const { listen } = made.body as { listen: string };
  const good = async (method: string, path: string, body?: object): Promise<void> => {
    const answer = await ask(url, method, `/proxies/a/toxics${path}`, body);
    t.true(answer.status < 300, JSON.stringify(answer.body));
  };
  return {
    echo,
    dial: async () => {
      const talker = await Talker.to(listen);
      t.teardown(() => talker.close());
      return talker;
    },
    add: (type, stream, attributes = {}, more = {}) => good('POST', '', { type, stream, attributes, ...more }),
    change: (name, body) => good('PATCH', `/${name}`, body),
    remove: (name) => good('DELETE', `/${name}`),
  };
}

async function isSilent(talker: Talker, bytes: number): Promise<boolean> {
  return !(await waitUntil(() => talker.received.length > bytes || talker.end !== undefined, SILENCE_MS));
}

const bytesOf = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => i % 251));

export const toxicConformance: readonly Promised[] = [
  [
    'without toxics every byte gets through in order, both ways',
    async (t, url) => {
      const { dial, echo } = await bench(t, url);
      const talker = await dial();
      const sent = bytesOf(3_000_000);
      talker.say(sent);
      await talker.hears(sent.length);
      t.true(talker.received.equals(sent));
      t.true(echo.received[0]!.equals(sent));
    },
  ],
  [
    'what an ended upstream had sent arrives, and then the end',
    async (t, url) => {
      const { dial, echo } = await bench(t, url);
      const talker = await dial();
      talker.say('hello');
      await talker.hears(5);
      echo.sockets[0]!.end('bye');
      await talker.ends();
      t.is(talker.received.toString(), 'hellobye');
      t.is(talker.end, 'closed');
    },
  ],
  [
    'a connection whose upstream is not there is ended',
    async (t, url) => {
      const { dial, echo } = await bench(t, url);
      await echo.close();
      const talker = await dial();
      await talker.ends();
      t.is(talker.received.length, 0);
    },
  ],
  [
    'latency delays its stream by about as much as it says, on connections that are open too, until it is removed',
    async (t, url) => {
      const { dial, add, change, remove } = await bench(t, url);
      const talker = await dial();
      talker.say('a');
      await talker.hears(1);
      await add('latency', 'upstream', { latency: 200 });
      talker.say('b');
      t.true((await talker.hears(2)) >= 200 - TOLERANCE_MS);
      await add('latency', 'downstream', { latency: 150 });
      talker.say('c');
      t.true((await talker.hears(3)) >= 350 - TOLERANCE_MS);
      await change('latency_upstream', { attributes: { latency: 0 } });
      await change('latency_downstream', { attributes: { latency: 300, jitter: 100 } });
      talker.say('d');
      t.true((await talker.hears(4)) >= 200 - TOLERANCE_MS);
      await change('latency_downstream', { attributes: { latency: 60_000, jitter: 0 } });
      talker.say('e');
      t.true(await isSilent(talker, 4));
      // What waits leaves at once when the toxic does.
      await remove('latency_downstream');
      t.true((await talker.hears(5)) < 30_000);
      t.is(talker.received.toString(), 'abcde');
    },
  ],
  [
    'latency does not limit the rate, and keeps the order under jitter',
    async (t, url) => {
      const { dial, add } = await bench(t, url);
      await add('latency', 'upstream', { latency: 100, jitter: 100 });
      const talker = await dial();
      const sent = bytesOf(200_000);
      for (let at = 0; at < sent.length; at += 1_000) talker.say(sent.subarray(at, at + 1_000));
      await talker.hears(sent.length);
      t.true(talker.received.equals(sent));
    },
  ],
  [
    'bandwidth holds a stream to its rate and loses nothing',
    async (t, url) => {
      const { dial, add, remove } = await bench(t, url);
      await add('bandwidth', 'downstream', { rate: 100 });
      const talker = await dial();
      const sent = bytesOf(60_000);
      talker.say(sent);
      // 60 KB at 100 KB/s take 600 ms.
      const took = await talker.hears(sent.length);
      t.true(took >= 400, `${took} ms`);
      talker.say(sent);
      await remove('bandwidth_downstream');
      await talker.hears(2 * sent.length);
      t.true(talker.received.equals(Buffer.concat([sent, sent])));
    },
  ],
  [
    'a bandwidth of 0 lets nothing through until it is removed, and loses nothing',
    async (t, url) => {
      const { dial, add, remove } = await bench(t, url);
      await add('bandwidth', 'upstream', { rate: 0 });
      const talker = await dial();
      talker.say('held back');
      t.true(await isSilent(talker, 0));
      await remove('bandwidth_upstream');
      await talker.hears(9);
      t.is(talker.received.toString(), 'held back');
    },
  ],
  [
    'slow_close holds back the end, not the data',
    async (t, url) => {
      const { dial, add, echo } = await bench(t, url);
      await add('slow_close', 'downstream', { delay: 400 });
      const talker = await dial();
      talker.say('x');
      await talker.hears(1);
      echo.sockets[0]!.destroy();
      t.true((await talker.ends()) >= 400 - 50);
    },
  ],
  [
    'timeout loses what is sent, leaves the other stream and the connection alone, and ends it when removed',
    async (t, url) => {
      const { dial, add, remove, echo } = await bench(t, url, { answers: false });
      const talker = await dial();
      talker.say('before');
      t.true(await waitUntil(() => echo.received[0]?.length === 6, WAIT_MS));
      await add('timeout', 'upstream', { timeout: 0 });
      talker.say('lost');
      echo.sockets[0]!.write('heard');
      await talker.hears(5);
      t.true(await isSilent(talker, 5));
      t.is(echo.received[0]!.toString(), 'before');
      await remove('timeout_upstream');
      await talker.ends();
      t.is(echo.received[0]!.toString(), 'before');
      const next = await dial();
      next.say('after');
      t.true(await waitUntil(() => echo.received.at(-1)!.toString() === 'after', WAIT_MS));
    },
  ],
  [
    'timeout with a time ends a connection that has been silent for so long',
    async (t, url) => {
      const { dial, add } = await bench(t, url);
      await add('timeout', 'downstream', { timeout: 300 });
      const talker = await dial();
      talker.say('x');
      t.true((await talker.ends()) >= 300 - 50);
      t.is(talker.received.length, 0);
    },
  ],
  [
    'reset_peer resets connections that begin under it, once they are used',
    async (t, url) => {
      const { dial, add } = await bench(t, url);
      await add('reset_peer', 'upstream', { timeout: 0 });
      const talker = await dial();
      talker.say('x');
      await talker.ends();
      t.is(talker.end, 'reset');
      t.is(talker.received.length, 0);
    },
  ],
  [
    'reset_peer waits as long as it says',
    async (t, url) => {
      const { dial, add } = await bench(t, url);
      await add('reset_peer', 'downstream', { timeout: 300 });
      const talker = await dial();
      talker.say('x');
      t.true((await talker.ends()) >= 300 - 50);
      t.is(talker.end, 'reset');
    },
  ],
  [
    'slicer cuts data into pieces with pauses between them, and loses nothing',
    async (t, url) => {
      const { dial, add } = await bench(t, url);
      await add('slicer', 'downstream', { average_size: 100, size_variation: 50, delay: 2_000 });
      const talker = await dial();
      const sent = bytesOf(10_000);
      talker.say(sent);
      const took = await talker.hears(sent.length);
      t.true(talker.received.equals(sent));
      // More than 60 pieces, 2 ms apart.
      t.true(took >= 80, `${took} ms`);
    },
  ],
  [
    'limit_data ends a connection after so many bytes, counted over changes of the toxic',
    async (t, url) => {
      const { dial, add, change } = await bench(t, url);
      await add('limit_data', 'downstream', { bytes: 10 });
      const talker = await dial();
      talker.say('12345');
      await talker.hears(5);
      await change('limit_data_downstream', { attributes: { bytes: 8 } });
      talker.say('67890');
      await talker.ends();
      t.is(talker.received.toString(), '12345678');
    },
  ],
  [
    'toxics of one stream follow each other: what the first lets through meets the second',
    async (t, url) => {
      const { dial, add, remove } = await bench(t, url);
      await add('latency', 'downstream', { latency: 200 });
      await add('limit_data', 'downstream', { bytes: 4 });
      const talker = await dial();
      talker.say('abc');
      t.true((await talker.hears(3)) >= 200 - TOLERANCE_MS);
      await remove('latency_downstream');
      talker.say('def');
      await talker.ends();
      t.is(talker.received.toString(), 'abcd');
    },
  ],
  [
    'a toxicity of 0 has an effect on no connection, and of one half on some',
    async (t, url) => {
      const { dial, add, remove } = await bench(t, url);
      await add('timeout', 'downstream', {}, { toxicity: 0 });
      const spared = await dial();
      spared.say('x');
      await spared.hears(1);
      await remove('timeout_downstream');
      await add('limit_data', 'downstream', { bytes: 0 }, { toxicity: 0.5 });
      const talkers = await Promise.all(Array.from({ length: 60 }, () => dial()));
      for (const talker of talkers) talker.say('x');
      t.true(await waitUntil(() => talkers.every((one) => one.received.length + (one.end ? 1 : 0) > 0), WAIT_MS));
      const hurt = talkers.filter((one) => one.received.length === 0).length;
      // Beyond these bounds less than once in a million runs.
      t.true(hurt > 8 && hurt < 52, `${hurt} of 60`);
    },
  ],
];
