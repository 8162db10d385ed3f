import test from 'ava';
import { credentials, loadPackageDefinition, status, type ServiceError } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LOOK_UP } from '../../src/core/operation.js';
import { formatOperationId } from '../../src/core/operation-id.js';
import type { Reply } from '../../src/core/request.js';
import { formatVersion, parseVersion } from '../../src/core/version.js';
import { RECEIPT } from '../core/receipts.js';
import { RawClient, startWire, type Wire } from './wire.js';

/** Every client that a package definition describes, called by name: what a generic tool does. */
type Stub = Record<string, (message: object, done: (error: ServiceError | null, reply: object) => void) => void>;
type Answer = { readonly reply: object } | { readonly error: ServiceError };

const require = createRequire(import.meta.url);
const HEALTH_PROTO = join(dirname(require.resolve('grpc-health-check')), '../../proto/health/v1/health.proto');
const REFLECTION_PROTO = join(
  dirname(require.resolve('@grpc/reflection')),
  '../proto/grpc/reflection/v1/reflection.proto',
);
const OPTIONS = { enums: String, longs: Number, defaults: true, oneofs: true } as const;

function stubOf(definition: PackageDefinition, path: string, address: string): Stub {
  let found: unknown = loadPackageDefinition(definition);
  for (const part of path.split('.')) found = (found as Record<string, unknown>)[part];
  const Service = found as new (address: string, of: ReturnType<typeof credentials.createInsecure>) => Stub;
  return new Service(address, credentials.createInsecure());
}

function call(stub: Stub, method: string, message: object): Promise<Answer> {
  return new Promise((resolve) => {
    stub[method]!(message, (error, reply) => {
      resolve(error === null ? { reply } : { error });
    });
  });
}

async function replyTo(stub: Stub, method: string, message: object): Promise<Record<string, unknown>> {
  const answer = await call(stub, method, message);
  if ('error' in answer) throw answer.error;
  return answer.reply as Record<string, unknown>;
}

async function errorOf(stub: Stub, method: string, message: object): Promise<ServiceError> {
  const answer = await call(stub, method, message);
  if ('reply' in answer) throw new Error(`answered ${JSON.stringify(answer.reply)}`);
  return answer.error;
}

/** What reflection says of a service, as a package definition. */
async function reflect(address: string, symbol: string): Promise<PackageDefinition> {
  const stub = stubOf(loadSync(REFLECTION_PROTO, OPTIONS), 'grpc.reflection.v1.ServerReflection', address);
  const files = await new Promise<Buffer[]>((resolve, reject) => {
    const stream = (stub['ServerReflectionInfo'] as unknown as () => NodeJS.ReadWriteStream).call(stub);
    stream.on('data', (reply: { fileDescriptorResponse: { fileDescriptorProto: Buffer[] } }) => {
      resolve(reply.fileDescriptorResponse.fileDescriptorProto);
      stream.end();
    });
    stream.on('error', reject);
    (stream as unknown as { write(request: object): void }).write({ fileContainingSymbol: symbol });
  });
  return loadFileDescriptorSetFromBuffer(Buffer.concat(files.map(lengthDelimited)), OPTIONS);
}

/** Field 1 of a message, which is what a FileDescriptorSet is made of. */
function lengthDelimited(bytes: Buffer): Buffer {
  const head = [0x0a];
  let rest = bytes.length;
  for (; rest >= 0x80; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...head, rest]), bytes]);
}

async function withWire(use: (wire: Wire, kv: Stub) => Promise<void>): Promise<void> {
  const wire = await startWire();
  try {
    await use(wire, stubOf(await reflect(wire.server.address, 'fulcrum.v1.Kv'), 'fulcrum.v1.Kv', wire.server.address));
  } finally {
    await wire.server.stop();
  }
}

test('a client that has only what reflection tells it puts, gets, lists and deletes', async (t) => {
  await withWire(async ({ kv: fake }, kv) => {
    const put = await replyTo(kv, 'Put', { key: 'größe', value: Buffer.from('10'), encoding: 'MSGPACK', level: 'ALL' });
    t.is(put['existed'], false);
    t.like(fake.asked[0], { kind: 'mutate', key: 'größe', level: 'ALL', name: null, timeoutMs: 5_000 });
    const got = await replyTo(kv, 'Get', { key: 'größe', timeoutMs: 70 });
    t.like(got, { found: true, encoding: 'MSGPACK', value: Buffer.from('10') });
    t.like(got['receipt'], {
      guarantee: 'LINEARIZABLE',
      policy: 'PC/EC',
      replicas: ['n1', 'n2'],
      missing: ['n3'],
      serverMs: 0.25,
    });
    t.is(
      (got['receipt'] as Record<string, unknown>)['version'],
      (put['receipt'] as Record<string, unknown>)['version'],
    );
    t.like(fake.asked[1], { kind: 'get', level: null, timeoutMs: 70 });
    t.deepEqual(await replyTo(kv, 'List', {}), { keys: ['größe'], more: false, through: '' });
    t.is((await replyTo(kv, 'Delete', { key: 'größe' }))['existed'], true);
    t.like(await replyTo(kv, 'Get', { key: 'größe' }), { found: false, value: Buffer.alloc(0) });
  });
});

test('a read that names the version it has is told that it is unchanged, without the value', async (t) => {
  await withWire(async ({ kv: fake }, kv) => {
    const put = await replyTo(kv, 'Put', { key: 'k', value: Buffer.from('a value') });
    const { version } = put['receipt'] as { version: string };
    const again = await replyTo(kv, 'Get', { key: 'k', knownVersion: version });
    t.like(again, { found: true, unchanged: true, value: Buffer.alloc(0) });
    t.like(fake.asked[1], { kind: 'get', known: parseVersion(version) });
    await replyTo(kv, 'Put', { key: 'k', value: Buffer.from('another') });
    const changed = await replyTo(kv, 'Get', { key: 'k', knownVersion: version });
    t.like(changed, { found: true, unchanged: false, value: Buffer.from('another') });
    const { code } = await errorOf(kv, 'Get', { key: 'k', knownVersion: 'v1' });
    t.is(code, status.INVALID_ARGUMENT);
  });
});

test('an operation without an id gets one, and a retry that sends it is the same operation', async (t) => {
  await withWire(async ({ kv: fake }, kv) => {
    const message = { key: 'k', value: Buffer.from('v'), level: 'ONE' };
    const first = await replyTo(kv, 'Put', message);
    const again = await replyTo(kv, 'Put', { ...message, operationId: first['operationId'] });
    t.is(again['operationId'], first['operationId']);
    const [one, two] = fake.asked;
    if (one?.kind !== 'mutate' || two?.kind !== 'mutate') return t.fail();
    t.deepEqual(two.operation, one.operation);
    t.is(one.operation.form, 'latency');
    const other = await replyTo(kv, 'Put', message);
    t.not(other['operationId'], first['operationId']);
  });
});

test('what became of a write is told by its id or its name, and an unknown fate is an answer', async (t) => {
  await withWire(async ({ kv: fake }, kv) => {
    const put = await replyTo(kv, 'Put', { key: 'k', value: Buffer.from('v') });
    const { operationId } = put;
    const applied = await replyTo(kv, 'Resolve', { key: 'k', operationId });
    t.is(applied['outcome'], 'APPLIED');
    const [sent, looked] = fake.asked;
    if (sent?.kind !== 'mutate' || looked?.kind !== 'mutate') return t.fail();
    t.deepEqual(looked.operation.id, sent.operation.id);
    t.like(looked, { level: 'QUORUM', name: null, operation: { form: 'consensus', mutation: LOOK_UP } });
    await replyTo(kv, 'Resolve', { key: 'k', operationName: 'order 7' });
    t.like(fake.asked[2], { name: 'order 7' });
    const receipt = RECEIPT;
    const failed = (code: 'CONDITION_FAILED' | 'TOO_OLD' | 'UNAVAILABLE', acks: number): Reply => ({
      kind: 'error',
      error: { code, message: code, definite: true, retryable: false },
      version: { time: 99, incarnation: '0123456789abcdef', sub: 1, index: 2 },
      existed: true,
      receipt: { ...receipt, acks, required: 3 },
    });
    const outcome = async (reply: Reply, id: unknown): Promise<unknown> => {
      fake.override = reply;
      return (await replyTo(kv, 'Resolve', { key: 'k', operationId: id }))['outcome'];
    };
    const consensus = formatOperationId({ ...sent.operation, form: 'consensus' });
    const latency = formatOperationId({ ...sent.operation, form: 'latency' });
    t.is(await outcome(failed('CONDITION_FAILED', 2), consensus), 'NOT_APPLIED');
    t.is(await outcome(failed('CONDITION_FAILED', 2), latency), 'UNKNOWN');
    t.like(fake.asked.at(-1), { level: 'ALL' });
    t.is(await outcome(failed('CONDITION_FAILED', 3), latency), 'NOT_APPLIED');
    t.is(await outcome(failed('TOO_OLD', 2), consensus), 'UNKNOWN');
    fake.override = failed('UNAVAILABLE', 0);
    const { code } = await errorOf(kv, 'Resolve', { key: 'k', operationId: consensus });
    t.is(code, status.UNAVAILABLE);
    for (const wrong of [
      { key: 'k' },
      { key: '', operationName: 'n' },
      { key: 'k', operationId: 'x', operationName: 'n' },
    ]) {
      t.is((await errorOf(kv, 'Resolve', wrong)).code, status.INVALID_ARGUMENT);
    }
  });
});

test('conditions, times to live and names of operations reach the node', async (t) => {
  await withWire(async ({ kv: fake }, kv) => {
    const version = { time: 99, incarnation: '0123456789abcdef', sub: 1, index: 2 };
    await replyTo(kv, 'Put', { key: 'k', ifAbsent: true, ttlMs: 5_000_000_000, operationName: 'order 7' });
    await replyTo(kv, 'Delete', { key: 'k', ifVersion: formatVersion(version) });
    t.like(fake.asked[0], { name: 'order 7', operation: { mutation: { expect: 'absent', ttlMs: 5_000_000_000 } } });
    t.like(fake.asked[1], { name: null, operation: { mutation: { kind: 'delete', expect: version } } });
  });
});

test('an error arrives as a status, with what is certain in the trailing metadata', async (t) => {
  await withWire(async ({ kv: fake }, kv) => {
    const error = {
      code: 'LEVEL_NOT_MET' as const,
      message: 'Applied, but n3 is missing',
      definite: false,
      required: 3,
      received: 2,
      missing: ['n3', 'köln'],
      retryable: true,
      retryAfterMs: 40,
    };
    fake.override = { kind: 'error', error, version: { time: 99, incarnation: '0123456789abcdef', sub: 0, index: 0 } };
    const { code, details, metadata } = await errorOf(kv, 'Put', { key: 'k' });
    t.is(code, status.FAILED_PRECONDITION);
    t.is(details, error.message);
    const { 'fulcrum-operation-id': operationId, ...trailers } = metadata.getMap();
    t.truthy(operationId);
    t.like(trailers, {
      'fulcrum-code': 'LEVEL_NOT_MET',
      'fulcrum-definite': 'false',
      'fulcrum-retryable': 'true',
      'fulcrum-required': '3',
      'fulcrum-received': '2',
      'fulcrum-missing': 'n3,k%C3%B6ln',
      'fulcrum-retry-after-ms': '40',
    });
    t.truthy(trailers['fulcrum-version']);
  });
});

test('an error message that is no valid Unicode, or is endless, still arrives', async (t) => {
  await withWire(async ({ kv: fake }, kv) => {
    for (const message of ['half \ud800', 'x'.repeat(1_000_000)]) {
      fake.override = { kind: 'error', error: { code: 'OVERLOADED', message, definite: true, retryable: true } };
      t.is((await errorOf(kv, 'Get', { key: 'k' })).code, status.RESOURCE_EXHAUSTED);
    }
    fake.override = undefined;
    t.like(await replyTo(kv, 'Get', { key: 'k' }), { found: false });
  });
});

test('what a caller may not send is refused as INVALID_ARGUMENT, and the node was not asked', async (t) => {
  await withWire(async ({ kv: fake, server }, kv) => {
    const wrong: readonly (readonly [string, object])[] = [
      ['Get', { key: '' }],
      ['Get', { key: 'k'.repeat(1_025) }],
      ['Get', { key: 'k', level: 7 }],
      ['Put', { key: 'k', value: Buffer.alloc(1024 * 1024 + 1) }],
      ['Put', { key: 'k', encoding: 9 }],
      ['Put', { key: 'k', ttlMs: Number.MAX_SAFE_INTEGER }],
      ['Put', { key: 'k', ifVersion: 'seven' }],
      ['Put', { key: 'k', operationId: 'mine' }],
      ['Put', { key: 'k', operationId: '1.c.0123456789abcdef.%' }],
      ['Delete', { key: '', operationId: '' }],
      ['List', { limit: 5_000 }],
      ['List', { after: 'k'.repeat(2_000) }],
      ['List', { to: 'k'.repeat(2_000) }],
    ];
    for (const [method, message] of wrong) {
      const { code, metadata } = await errorOf(kv, method, message);
      t.is(code, status.INVALID_ARGUMENT, `${method} ${JSON.stringify(message).slice(0, 60)}`);
      t.deepEqual(metadata.get('fulcrum-definite'), ['true']);
    }
    const raw = new RawClient(server.address);
    const garbage = [
      Buffer.from([0xff, 0xff, 0xff]),
      Buffer.from([0x0a, 0x03, 0x61]),
      Buffer.from([0x0a, 0x02, 0x61, 0xff]),
    ];
    for (const message of garbage) {
      t.like(await raw.unary('/fulcrum.v1.Kv/Get', message), { code: status.INVALID_ARGUMENT });
    }
    raw.close();
    t.deepEqual(fake.asked, []);
    t.like(await replyTo(kv, 'Get', { key: '�' }), { found: false });
  });
});

test('a message beyond every limit is refused before it is read, and the node lives on', async (t) => {
  await withWire(async ({ server }, kv) => {
    const raw = new RawClient(server.address);
    t.like(await raw.unary('/fulcrum.v1.Kv/Put', Buffer.alloc(8 * 1024 * 1024)), { code: status.RESOURCE_EXHAUSTED });
    raw.close();
    t.like(await replyTo(kv, 'Get', { key: 'k' }), { found: false });
  });
});

test('the deadline of the call shortens the time that the node is given', async (t) => {
  await withWire(async ({ kv: fake }, kv) => {
    await new Promise((resolve) => {
      const get = kv['Get'] as unknown as (message: object, options: object, done: (error: unknown) => void) => void;
      get.call(kv, { key: 'k', timeoutMs: 60_000 }, { deadline: Date.now() + 20_000 }, resolve);
    });
    t.true(fake.asked[0]!.timeoutMs > 0 && fake.asked[0]!.timeoutMs <= 20_000);
  });
});

test('health is answered to any client, for the server and for the service, as the node says', async (t) => {
  const { server } = await startWire();
  const health = stubOf(loadSync(HEALTH_PROTO, OPTIONS), 'grpc.health.v1.Health', server.address);
  t.deepEqual(await replyTo(health, 'Check', { service: '' }), { status: 'NOT_SERVING' });
  server.setServing(true);
  for (const service of ['', 'fulcrum.v1.Kv'])
    t.deepEqual(await replyTo(health, 'Check', { service }), { status: 'SERVING' });
  server.setServing(false);
  t.deepEqual(await replyTo(health, 'Check', { service: 'fulcrum.v1.Kv' }), { status: 'NOT_SERVING' });
  t.is((await errorOf(health, 'Check', { service: 'other' })).code, status.NOT_FOUND);
  await server.stop();
});

test('an address that is taken is named', async (t) => {
  const { server } = await startWire();
  const error = await t.throwsAsync(startWire({ address: server.address }));
  t.true(error.message.includes(server.address));
  await server.stop();
});
