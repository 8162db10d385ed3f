import test from 'ava';
import type { GetRequest, MutateRequest, Reply, Request } from '../../src/core/request.js';
import { formatVersion, NO_VERSION, sameVersion, versionOf, type Version } from '../../src/core/version.js';
import { connected, fails, keyOf, type Connected } from './connected.js';
import { RECEIPT } from '../core/receipts.js';
import { errorReply, mutated, valueReply } from './fake-cluster.js';

const KEY = keyOf(['n1', 'n2', 'n3']);

/** A register behind the scripts of the fake nodes. */
class Register {
  value: Uint8Array | null = null;
  version: Version = NO_VERSION;
  encoding: 'bytes' | 'msgpack' = 'bytes';
  writes = 0;
  /** Before each compare-and-set: what another client does meanwhile. */
  meanwhile: () => void = () => undefined;

  readonly answer = (_: string, request: Request): Reply => {
    if (request.kind === 'get') {
      return valueReply(this.value, { version: this.version, encoding: this.encoding });
    }
    this.meanwhile();
    const { operation } = request as MutateRequest;
    const { expect } = operation.mutation;
    const held = expect === 'absent' ? this.value === null : sameVersion(expect as Version, this.version);
    if (!held) {
      const existed = this.value !== null;
      return { ...errorReply('CONDITION_FAILED', { retryable: false }), version: this.version, existed };
    }
    const reply = mutated(request);
    this.put((operation.mutation as { value: Uint8Array }).value, (reply as { version: Version }).version);
    this.encoding = 'msgpack';
    return reply;
  };

  put(value: Uint8Array, version: Version): void {
    this.value = value;
    this.version = version;
    this.writes += 1;
  }
}

async function withRegister(): Promise<Connected & { register: Register }> {
  const here = await connected();
  const register = new Register();
  here.cluster.script = register.answer;
  return { ...here, register };
}

const increment = (n: number | undefined): number => (n ?? 0) + 1;

test('an update of a key without a value creates it, and the next one compares and sets', async (t) => {
  const { client, clock, register, cluster } = await withRegister();
  for (const expected of [1, 2]) {
    const done = client.update<number>(KEY, increment);
    await clock.turn();
    const { receipt, ...rest } = await done;
    const version = formatVersion(register.version);
    t.deepEqual(rest, { key: KEY, changed: true, value: expected, version, attempts: 1 });
    t.is(receipt.version, version);
  }
  const requests = cluster.received.map(({ request }) => request as GetRequest | MutateRequest);
  t.deepEqual(
    requests.map(({ kind, level }) => [kind, level]),
    [
      ['get', 'QUORUM'],
      ['mutate', 'QUORUM'],
      ['get', 'QUORUM'],
      ['mutate', 'QUORUM'],
    ],
  );
});

test('the function may be async, sees the whole read, and may leave the key as it is', async (t) => {
  const { client, clock, register } = await withRegister();
  register.put(new Uint8Array([7]), versionOf({ time: 5, node: 'n1', incarnation: 'a'.repeat(16), sub: 0 }, 0));
  const done = client.update<Uint8Array>(KEY, async (value, read) => {
    await Promise.resolve();
    t.deepEqual([...value!], [7]);
    t.is(read.version, formatVersion(register.version));
    return undefined;
  });
  await clock.turn();
  t.like(await done, { changed: false, attempts: 1, version: formatVersion(register.version), receipt: RECEIPT });
  t.is(register.writes, 1);
});

test('an update that another writer comes in between applies the function to what is there then', async (t) => {
  const { client, clock, register } = await withRegister();
  let others = 3;
  register.meanwhile = () => {
    if (others === 0) return;
    others -= 1;
    const version = versionOf({ time: 10 + others, node: 'n2', incarnation: 'b'.repeat(16), sub: 0 }, 0);
    // 40 as MessagePack.
    register.put(new Uint8Array([40]), version);
    register.encoding = 'msgpack';
  };
  const seen: (number | undefined)[] = [];
  const done = client.update<number>(KEY, (n) => {
    seen.push(n);
    return increment(n);
  });
  await clock.pass(100);
  t.like(await done, { changed: true, value: 41, attempts: 4 });
  t.deepEqual(seen, [undefined, 40, 40, 40]);
});

test('an operation that the key forgot before it came wrote nothing, and the update goes on', async (t) => {
  const { client, clock, cluster, register } = await withRegister();
  let refused = 0;
  cluster.script = (node, request) => {
    if (request.kind === 'get' || refused === 4) return register.answer(node, request);
    refused += 1;
    return errorReply('TOO_OLD', { retryable: false });
  };
  const done = client.update<number>(KEY, increment);
  await clock.pass(100);
  t.like(await done, { changed: true, value: 1, attempts: 2 });
  t.is(register.writes, 1);
});

test('it gives up after its attempts: nothing was written, and the error tells what is there', async (t) => {
  const { client, clock, register } = await withRegister();
  let count = 0;
  register.meanwhile = () => {
    count += 1;
    register.put(
      new Uint8Array([count]),
      versionOf({ time: count, node: 'n2', incarnation: 'b'.repeat(16), sub: 0 }, 0),
    );
  };
  const failed = fails(t, client.update(KEY, increment, { attempts: 3 }), 'CONDITION_FAILED');
  await clock.pass(1_000);
  const error = await failed;
  t.regex(error.message, /gave up after 3 attempts/);
  t.true(error.definite && error.retryable);
  t.is(error.currentVersion, formatVersion(register.version));
  t.is(count, 3);
});

test('its timeout is for all attempts together', async (t) => {
  const { client, clock, register } = await withRegister();
  let count = 0;
  register.meanwhile = () => {
    count += 1;
    clock.nowMs += 30;
    register.put(
      new Uint8Array([count]),
      versionOf({ time: count, node: 'n2', incarnation: 'b'.repeat(16), sub: 0 }, 0),
    );
  };
  const failed = fails(t, client.update(KEY, increment, { attempts: 1_000, timeoutMs: 200 }), 'TIMEOUT');
  await clock.pass(1_000);
  t.true((await failed).definite);
  t.true(count > 1 && count < 10, `${count} attempts`);
});

test('an unknown outcome ends it: the function is not applied a second time', async (t) => {
  const { client, clock, cluster } = await withRegister();
  cluster.script = (_, request) =>
    request.kind === 'get'
      ? valueReply(null, { version: NO_VERSION })
      : errorReply('OUTCOME_UNKNOWN', { definite: false });
  let calls = 0;
  const failed = fails(
    t,
    client.update<number>(KEY, (n) => {
      calls += 1;
      return increment(n);
    }),
    'OUTCOME_UNKNOWN',
  );
  await clock.pass(5_000);
  t.false((await failed).definite);
  t.is(calls, 1);
});

test('what the function throws is passed on, and nothing is written', async (t) => {
  const { client, clock, register } = await withRegister();
  const failed = t.throwsAsync(
    client.update(KEY, () => {
      throw new RangeError('out of stock');
    }),
    { instanceOf: RangeError, message: 'out of stock' },
  );
  await clock.turn();
  await failed;
  t.is(register.writes, 0);
});

test('attempts must be a whole number of at least one, and the change a function', async (t) => {
  const { client, cluster } = await connected();
  for (const attempts of [0, -1, 1.5, NaN])
    await fails(t, client.update(KEY, increment, { attempts }), 'INVALID_ARGUMENT');
  await fails(t, client.update(KEY, 7 as never), 'INVALID_ARGUMENT');
  t.deepEqual(cluster.received, []);
});

test('updates of one key by one client take turns, so that none of them has to try again', async (t) => {
  const { client, clock, register } = await withRegister();
  const updates = Array.from({ length: 20 }, () => client.update<number>(KEY, increment));
  await clock.turn();
  const results = await Promise.all(updates);
  t.deepEqual(
    results.map(({ value }) => value),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  t.true(results.every(({ attempts }) => attempts === 1));
  t.is(register.writes, 20);
});
