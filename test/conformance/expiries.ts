/** What every store promises of expiries (src/ports/store.ts). */
import type { Expiry, Store } from '../../src/ports/store.js';
import type { Check } from './opened-store.js';
import { oddKeys, recordOf, textRecord, TIME, tombstone } from './records.js';
import { expiring, forgetExpiries, list, read, write } from './store-calls.js';

const expiry = (key: string, after: number): Expiry => ({ key, expiresAt: TIME + after });
const put = (store: Store, ...expiries: readonly Expiry[]): Promise<void> =>
  write(
    store,
    expiries.map(({ key, expiresAt }) => ({ key, record: recordOf({ expiresAt }) })),
  );

export function checkExpiries(check: Check): void {
  checkPages(check);
  checkForgetting(check);
}

function checkPages(check: Check): void {
  check('expiries come in the order of their time, up to one, also after reopening', async (t, { store, reopen }) => {
    const [late, early, middle] = [expiry('a', 30), expiry('b', 10), expiry('c', 20)];
    await put(store, late, early, middle);
    await write(store, [{ key: 'for ever', record: textRecord('1') }]);
    for (const open of [() => Promise.resolve(store), reopen]) {
      const one = await open();
      t.deepEqual(await expiring(one, TIME + 30), [early, middle, late]);
      t.deepEqual(await expiring(one, TIME + 20), [early, middle]);
      t.deepEqual(await expiring(one, TIME + 9), []);
    }
  });

  check('expiries are paged without gaps, many at one time and keys of every shape', async (t, { store }) => {
    const all = oddKeys.map((key, i) => expiry(key, i % 3));
    await put(store, ...all);
    const ordered = [...all].sort(
      (a, b) => a.expiresAt - b.expiresAt || Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)),
    );
    for (const limit of [1, 2, 7, all.length]) {
      const found: Expiry[] = [];
      for (;;) {
        const page = await expiring(store, TIME + 3, limit, found.at(-1) ?? null);
        t.true(page.length <= limit);
        if (page.length === 0) break;
        found.push(...page);
      }
      t.deepEqual(found, ordered);
    }
  });

  check('expiries are no records: they are neither read nor listed', async (t, { store }) => {
    await put(store, expiry('k', 10));
    t.deepEqual((await list(store)).keys, ['k']);
    const names = [`e${String(TIME + 10).padStart(16, '0')}k`, `${String(TIME + 10)}k`];
    t.deepEqual(await read(store, names), [undefined, undefined]);
  });
}

function checkForgetting(check: Check): void {
  check('an expiry that is out of date is gone once it is forgotten, the others stay', async (t, { store, reopen }) => {
    const [kept, gone] = [expiry('kept', 10), expiry('gone', 10)];
    await put(store, kept, gone);
    await write(store, [{ key: 'gone', record: tombstone }]);
    await forgetExpiries(store, [gone]);
    t.deepEqual(await expiring(store, TIME + 10), [kept]);
    t.deepEqual(await expiring(await reopen(), TIME + 10), [kept]);
  });

  check('a record with another time to live has the new expiry at least', async (t, { store }) => {
    await put(store, expiry('k', 10));
    await put(store, expiry('k', 99));
    t.true((await expiring(store, TIME + 99)).some(({ expiresAt }) => expiresAt === TIME + 99));
    await forgetExpiries(store, [expiry('k', 10)]);
    t.deepEqual(await expiring(store, TIME + 99), [expiry('k', 99)]);
  });

  check('a write that comes after forgetting an expiry brings it back', async (t, { store, reopen }) => {
    const again = expiry('k', 10);
    await put(store, again);
    await write(store, [{ key: 'k', record: tombstone }]);
    await Promise.all([forgetExpiries(store, [again]), put(store, again)]);
    t.deepEqual(await expiring(await reopen(), TIME + 10), [again]);
  });

  check('a closed store refuses to list and to forget expiries', async (t, { store }) => {
    await store.close();
    const closed = { name: 'FulcrumError', message: /closed/ };
    await t.throwsAsync(expiring(store, TIME), closed);
    await t.throwsAsync(forgetExpiries(store, [expiry('k', 1)]), closed);
  });
}
