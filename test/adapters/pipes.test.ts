import test, { type ExecutionContext } from 'ava';
import { status } from '@grpc/grpc-js';
import {
  decodeNodeFrame,
  encodeClientHello,
  encodeEcho,
  encodeReplies,
  encodeRequests,
} from '../../src/adapters/pipe-frames.js';
import { NO_BALLOT } from '../../src/core/ballot.js';
import { FRAME_OPERATIONS_MAX, LARGE_VALUE_BYTES } from '../../src/core/defaults.js';
import { FulcrumError } from '../../src/core/errors.js';
import { makeOperation } from '../../src/core/operation.js';
import type { Reply, Request } from '../../src/core/request.js';
import { UnreadStream } from './unread-stream.js';
import { ending, get, HELLO, PROCESS, RawClient, startWire, TestPipe, until, type Wire } from './wire.js';

const PIPE = '/fulcrum.v1.Kv/Pipe';
const CLIENT = { node: 'raw', incarnation: 'eeeeeeeeeeeeeeee' };

async function withPipe(use: (wire: Wire, pipe: TestPipe) => Promise<void>): Promise<void> {
  const wire = await startWire();
  const pipe = new TestPipe(wire.server.address);
  try {
    await until(() => pipe.hello !== undefined || pipe.reason !== undefined, 'the pipe is open');
    await use(wire, pipe);
  } finally {
    pipe.pipe.close();
    await wire.server.stop();
  }
}

/** A good client is served on the same server. */
async function stillServes(t: ExecutionContext, { server }: Wire): Promise<void> {
  const good = new TestPipe(server.address);
  const [reply] = await good.ask(get('anything'));
  t.is(reply?.kind, 'value');
  good.pipe.close();
}

function put(key: string, value: Uint8Array): Request {
  const operation = makeOperation({ ...PROCESS, time: HELLO.clock, sub: 0 }, 'consensus', {
    kind: 'put',
    value,
    encoding: 'bytes',
    ttlMs: 0,
    expect: null,
  });
  return { kind: 'mutate', key, level: null, operation, name: null, timeoutMs: 10_000 };
}

function valueOf(reply: Reply | undefined): Uint8Array | null | undefined {
  return reply?.kind === 'value' ? reply.value : undefined;
}

test('a pipe opens with what the node says of its cluster', async (t) => {
  await withPipe(async (_, pipe) => {
    t.deepEqual(pipe.hello, HELLO);
    t.is(pipe.reason, undefined);
  });
});

test('a batch is answered request by request, values unchanged', async (t) => {
  await withPipe(async ({ kv }, pipe) => {
    const value = Uint8Array.from({ length: 256 }, (_, i) => i);
    const replies = await pipe.ask(put('a', value), get('a'), get('b'), {
      kind: 'list',
      from: '',
      to: '',
      reverse: false,
      limit: 5,
      timeoutMs: 99,
    });
    t.deepEqual(
      replies.map((reply) => reply.kind),
      ['mutated', 'value', 'value', 'keys'],
    );
    t.deepEqual(Buffer.from(valueOf(replies[1]) ?? []), Buffer.from(value));
    t.is(valueOf(replies[2]), null);
    t.like(replies[1], { receipt: { guarantee: 'linearizable', missing: ['n3'] }, serverMicros: 250 });
    t.is(kv.asked.length, 4);
  });
});

test('large values and batches beyond one frame arrive whole', async (t) => {
  await withPipe(async (_, pipe) => {
    const sizes = [0, 100, LARGE_VALUE_BYTES, LARGE_VALUE_BYTES + 1, 300_000, 1024 * 1024, 1024 * 1024, 1024 * 1024];
    await pipe.ask(...sizes.map((size, i) => put(`size ${i}`, new Uint8Array(size).fill(i + 1))));
    const replies = await pipe.ask(...sizes.map((_size, i) => get(`size ${i}`)));
    replies.forEach((reply, i) => {
      const value = valueOf(reply);
      t.is(value?.length, sizes[i]);
      t.true(value?.every((byte) => byte === i + 1));
    });
    const many = await pipe.ask(...Array.from({ length: FRAME_OPERATIONS_MAX * 2 + 1 }, (_unused, i) => get(`k${i}`)));
    t.true(many.every((reply) => reply.kind === 'value'));
  });
});

test('a key or a value that is not allowed is refused alone', async (t) => {
  await withPipe(async ({ kv }, pipe) => {
    const wrong = [
      get(''),
      get('k'.repeat(1_025)),
      put('k', new Uint8Array(1024 * 1024 + 1)),
      { ...get('late'), timeoutMs: 0 },
    ];
    const replies = await pipe.ask(get('one'), ...wrong, get('two'));
    t.deepEqual(
      replies.map((reply) => (reply.kind === 'error' ? reply.error.code : reply.kind)),
      ['value', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'TIMEOUT', 'value'],
    );
    t.true(replies.every((reply) => reply.kind !== 'error' || reply.error.definite));
    t.is(kv.asked.length, 2);
  });
});

test('an error of the node arrives with all that it says', async (t) => {
  await withPipe(async ({ kv }, pipe) => {
    const error = {
      code: 'LEVEL_NOT_MET',
      message: 'n3 ist weg',
      definite: false,
      required: 3,
      received: 2,
      missing: ['n3'],
      retryable: true,
    } as const;
    kv.override = { kind: 'error', error };
    const [reply] = await pipe.ask(get('k'));
    t.like(reply, { kind: 'error', error });
  });
});

test('echoes come back', async (t) => {
  await withPipe(async (_, pipe) => {
    const batch = Array.from({ length: 300 }, (_unused, i) => ({
      id: i * 7,
      key: `k${i}`,
      value: new Uint8Array(100),
    }));
    pipe.pipe.echo(batch);
    await until(() => pipe.echoes.length === 300, 'all echoes are back');
    t.deepEqual(
      pipe.echoes,
      batch.map((echo) => echo.id),
    );
  });
});

test('a pipe to nobody is closed once, with an error that says nothing was sent', async (t) => {
  const { server } = await startWire();
  const { address } = server;
  await server.stop();
  const pipe = new TestPipe(address);
  await until(() => pipe.reason !== undefined, 'the pipe is closed');
  t.true(pipe.reason instanceof FulcrumError);
  t.like(pipe.reason, { code: 'UNAVAILABLE', definite: true, retryable: true });
  t.true(pipe.reason?.message.includes(address));
  t.is(pipe.closings, 1);
});

test('a server that stops closes its pipes with a reason, and at once', async (t) => {
  const { server } = await startWire();
  const pipe = new TestPipe(server.address);
  await pipe.ask(get('k'));
  await server.stop();
  await until(() => pipe.reason !== undefined, 'the pipe is closed');
  t.like(pipe.reason, { code: 'UNAVAILABLE', definite: false });
  t.regex(pipe.reason?.message ?? '', /stopping/);
  t.is(pipe.closings, 1);
});

const HELLO_FRAME = encodeClientHello({ client: CLIENT, pipe: 1, bulk: false });
const BATCH_FRAME = encodeRequests([{ id: 1, request: get('k') }]);

const HOSTILE: readonly (readonly [string, RegExp, readonly Buffer[]])[] = [
  ['bytes that are no frame', /Malformed frame/, [Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
  ['an empty message', /Malformed frame/, [Buffer.alloc(0)]],
  ['requests before its hello', /hello must come first/, [BATCH_FRAME]],
  ['a second hello', /hello must come first/, [HELLO_FRAME, HELLO_FRAME]],
  ['a frame cut short', /Malformed frame/, [HELLO_FRAME, BATCH_FRAME.subarray(0, BATCH_FRAME.length - 3)]],
  [
    'a frame that a node sends',
    /Malformed frame/,
    [HELLO_FRAME, encodeReplies([{ id: 1, reply: { kind: 'keys', keys: [], deleted: [], through: 'a' } }], 1)],
  ],
];

for (const [name, reason, frames] of HOSTILE) {
  test(`a client that sends ${name} is cut off with a reason, others are served`, async (t) => {
    const wire = await startWire();
    const raw = new RawClient(wire.server.address);
    const call = raw.stream(PIPE);
    for (const frame of frames) call.write(frame);
    const { code, details } = await ending(call);
    t.is(code, status.INVALID_ARGUMENT);
    t.regex(details, reason);
    t.true(wire.log.lines.some((line) => line.includes('malformed frame')));
    await stillServes(t, wire);
    raw.close();
    await wire.server.stop();
  });
}

test('a frame larger than the limit closes the stream with a reason, others are served', async (t) => {
  const wire = await startWire();
  const raw = new RawClient(wire.server.address);
  const call = raw.stream(PIPE);
  call.write(HELLO_FRAME);
  call.write(encodeEcho([{ id: 1, key: 'k', value: new Uint8Array(5 * 1024 * 1024) }]));
  const { code, details } = await ending(call);
  t.is(code, status.RESOURCE_EXHAUSTED);
  t.regex(details, /larger than max/);
  await stillServes(t, wire);
  raw.close();
  await wire.server.stop();
});

test('both streams of a pipe may be opened once only', async (t) => {
  const wire = await startWire();
  const raw = new RawClient(wire.server.address);
  const first = raw.stream(PIPE);
  first.write(HELLO_FRAME);
  await new Promise((resolve) => first.once('data', resolve));
  const second = raw.stream(PIPE);
  second.write(HELLO_FRAME);
  t.regex((await ending(second)).details, /open already/);
  raw.close();
  await wire.server.stop();
});

const VERSION = { time: 1, incarnation: PROCESS.incarnation, sub: 0, index: 0 };

test('a client that does not read is not worked for without bound, and loses nothing', async (t) => {
  const wire = await startWire();
  const value = new Uint8Array(100_000).fill(1);
  wire.kv.stored.set('big', { value, encoding: 'bytes', version: VERSION, accepted: NO_BALLOT });
  const unread = new UnreadStream(wire.server.address, PIPE);
  unread.send(HELLO_FRAME);
  const asked = 1_000;
  for (let id = 0; id < asked; id += 100) {
    unread.send(encodeRequests(Array.from({ length: 100 }, (_, i) => ({ id: id + i, request: get('big') }))));
  }
  await until(() => wire.kv.asked.length > 0, 'the server began');
  const good = new TestPipe(wire.server.address);
  for (let i = 0; i < 200; i += 1) await good.ask(get('small'));
  good.pipe.close();
  const worked = wire.kv.asked.length - 200;
  t.true(worked * value.length < 10 * 1024 * 1024, `${worked} of ${asked} replies of 100 kB were made for nobody`);
  const answered = new Set<number>();
  unread.read((message) => {
    const frame = decodeNodeFrame(message);
    if (frame.kind === 'replies') for (const { id } of frame.replies) answered.add(id);
  });
  await until(() => answered.size === asked, 'all replies were read');
  t.is(wire.kv.asked.length - 200, asked);
  unread.close();
  await wire.server.stop();
});

test('echoes for a client that does not read are not made without bound', async (t) => {
  const wire = await startWire();
  const unread = new UnreadStream(wire.server.address, PIPE);
  unread.send(HELLO_FRAME);
  const echo = encodeEcho([{ id: 1, key: 'k', value: new Uint8Array(1_000_000) }]);
  const sent = 100;
  for (let i = 0; i < sent; i += 1) unread.send(echo);
  const good = new TestPipe(wire.server.address);
  for (let i = 0; i < 50; i += 1) await good.ask(get('small'));
  good.pipe.close();
  t.true(unread.unsentBytes > (sent / 2) * echo.length, 'the server went on reading');
  unread.close();
  await wire.server.stop();
});

test('a request that waited for its client to read until its time was up is not carried out', async (t) => {
  const wire = await startWire();
  wire.kv.stored.set('big', {
    value: new Uint8Array(1_000_000),
    encoding: 'bytes',
    version: VERSION,
    accepted: NO_BALLOT,
  });
  const unread = new UnreadStream(wire.server.address, PIPE);
  unread.send(HELLO_FRAME);
  const batch = Array.from({ length: 100 }, (_, id) => ({ id, request: { ...get('big'), timeoutMs: 50 } }));
  unread.send(encodeRequests(batch));
  await until(() => wire.kv.asked.length > 0, 'the server began');
  const began = performance.now();
  await until(() => performance.now() - began > 60, 'their time is up');
  const kinds: string[] = [];
  unread.read((message) => {
    const frame = decodeNodeFrame(message);
    if (frame.kind !== 'replies') return;
    kinds.push(...frame.replies.map(({ reply }) => (reply.kind === 'error' ? reply.error.code : reply.kind)));
  });
  await until(() => kinds.length === batch.length, 'all were answered');
  t.is(kinds.filter((kind) => kind === 'value').length, wire.kv.asked.length);
  t.true(kinds.includes('TIMEOUT'));
  unread.close();
  await wire.server.stop();
});

test('a client that vanishes is forgotten: its pipe may be opened again', async (t) => {
  const wire = await startWire();
  const raw = new RawClient(wire.server.address);
  const first = raw.stream(PIPE);
  first.write(HELLO_FRAME);
  await new Promise((resolve) => first.once('data', resolve));
  first.cancel();
  let greeted = false;
  while (!greeted) {
    const again = raw.stream(PIPE);
    again.write(HELLO_FRAME);
    greeted = await new Promise((resolve) => {
      again.once('data', () => resolve(true));
      again.once('status', () => resolve(false));
    });
    again.cancel();
  }
  t.true(greeted);
  raw.close();
  await wire.server.stop();
});
