import test from 'ava';
import { FaultyStore } from '../../src/adapters/faulty-store.js';
import { MemoryDisk, MemoryStore } from '../../src/adapters/memory-store.js';
import { FakeClock } from '../client/fake-clock.js';
import { textRecord } from '../conformance/records.js';
import type { Store } from '../../src/ports/store.js';
import { read, write } from '../conformance/store-calls.js';

async function values(store: Store, keys: readonly string[]): Promise<(string | null | undefined)[]> {
  const records = await read(store, keys);
  return records.map((record) => record?.state?.value && Buffer.from(record.state.value).toString());
}

const change = (key: string) => [{ key, record: textRecord(key) }];

/** Whether a promise is settled by the time that everything which is ready has been handled. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.finally(() => (settled = true));
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('a stalled disk answers no write and shows none, and then writes what it held', async (t) => {
  const store = new FaultyStore(new MemoryStore(), new FakeClock());
  store.set({ stalled: true, writeDelayMs: 0 });
  const held = write(store, change('a'));
  t.false(await isSettled(held));
  t.is(store.heldWrites, 1);
  t.deepEqual(await values(store, ['a']), [undefined]);
  store.set({ stalled: false, writeDelayMs: 0 });
  await held;
  t.deepEqual(await values(store, ['a']), ['a']);
  t.is(store.heldWrites, 0);
});

test('what a stalled disk holds is lost with the process', async (t) => {
  const disk = new MemoryDisk();
  const store = new FaultyStore(new MemoryStore(disk), new FakeClock());
  await write(store, change('before'));
  store.set({ stalled: true, writeDelayMs: 0 });
  void write(store, change('after'));
  const next = new MemoryStore(disk);
  t.deepEqual(await values(next, ['before', 'after']), ['before', undefined]);
});

test('a slow disk takes its time, in order, also when it is healed in between', async (t) => {
  const clock = new FakeClock();
  const store = new FaultyStore(new MemoryStore(), clock);
  const order: string[] = [];
  const put = (key: string) => write(store, change(key)).then(() => order.push(key));
  store.set({ stalled: false, writeDelayMs: 100 });
  const first = put('first');
  await clock.pass(99);
  t.false(await isSettled(first));
  const second = put('second');
  await clock.pass(1);
  await first;
  t.false(await isSettled(second));
  store.set({ stalled: false, writeDelayMs: 0 });
  await Promise.all([second, put('third')]);
  t.deepEqual(order, ['first', 'second', 'third']);
});

test('a store that is closed while its disk stands still writes what it held', async (t) => {
  const disk = new MemoryDisk();
  const store = new FaultyStore(new MemoryStore(disk), new FakeClock());
  store.set({ stalled: true, writeDelayMs: 0 });
  const held = write(store, change('a'));
  await Promise.all([store.close(), held]);
  t.deepEqual(await values(new MemoryStore(disk), ['a']), ['a']);
});
