/** What every store promises (src/ports/store.ts), run over any implementation. */
import type { TestFn } from 'ava';
import type { Record } from '../../src/core/register.js';
import { NO_KEYS } from '../../src/core/key-range.js';
import { checkExpiries } from './expiries.js';
import { checkListing } from './listing.js';
import { checkNotes, checkRemoval } from './notes.js';
import type { Check, OpenedStore } from './opened-store.js';
import { oddKeys, plain, recordKinds, recordOf, textOf, textRecord, tombstone } from './records.js';
import { EVERYTHING, list, read, write } from './store-calls.js';

export interface StoreHarness {
  readonly name: string;
  /** A new, empty store, and a way to close it and open it again. */
  readonly open: () => Promise<OpenedStore>;
}

export function describeStore(test: TestFn, harness: StoreHarness): void {
  const check: Check = (title, body) => {
    test(`${harness.name}: ${title}`, async (t) => {
      const opened = await harness.open();
      try {
        await body(t, opened);
      } finally {
        await opened.dispose();
      }
    });
  };
  checkContents(check);
  checkCalls(check);
  checkListing(check);
  checkManyAtOnce(check);
  checkExpiries(check);
  checkNotes(check);
  checkRemoval(check);
  checkClosing(check);
}

function checkContents(check: Check): void {
  for (const [kind, record] of recordKinds) {
    check(`${kind} is read back as it was written, also after reopening`, async (t, { store, reopen }) => {
      await write(store, [{ key: 'k', record }]);
      t.deepEqual(plain((await read(store, ['k']))[0]), plain(record));
      t.deepEqual(plain((await read(await reopen(), ['k']))[0]), plain(record));
    });
  }

  check('keys of every shape are told apart and listed in byte order', async (t, { store, reopen }) => {
    await write(
      store,
      oddKeys.map((key) => ({ key, record: textRecord(key) })),
    );
    const ordered = [...oddKeys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const open of [() => Promise.resolve(store), reopen]) {
      const one = await open();
      t.deepEqual((await read(one, oddKeys)).map(textOf), oddKeys);
      t.deepEqual(await list(one), { keys: ordered, deleted: [], through: null });
      t.deepEqual((await list(one, { reverse: true })).keys, [...ordered].reverse());
    }
  });

  check('a key that was never written has no record, and keeps its place', async (t, { store }) => {
    await write(store, [{ key: 'b', record: textRecord('b') }]);
    t.deepEqual((await read(store, ['a', 'b', 'c', 'b'])).map(textOf), [undefined, 'b', undefined, 'b']);
    t.deepEqual(await read(store, []), []);
  });

  check('an empty batch calls back', async (t, { store }) => {
    await write(store, []);
    t.deepEqual(await list(store), NO_KEYS);
  });

  check('the last record of a key within one batch wins', async (t, { store, reopen }) => {
    await write(
      store,
      ['one', 'two', 'three'].map((text) => ({ key: 'k', record: textRecord(text) })),
    );
    t.is(textOf((await read(store, ['k']))[0]), 'three');
    t.is(textOf((await read(await reopen(), ['k']))[0]), 'three');
  });

  check('what is read is not changed by changing what was written or read before', async (t, { store }) => {
    const value = new TextEncoder().encode('kept');
    await write(store, [{ key: 'k', record: recordOf({ value }) }]);
    value.fill(0);
    const [first] = await read(store, ['k']);
    t.is(textOf(first), 'kept');
    first!.state!.value!.fill(0);
    t.is(textOf((await read(store, ['k']))[0]), 'kept');
  });
}

function checkCalls(check: Check): void {
  check('nothing calls back before the call returns', async (t, { store }) => {
    const returned = { yet: false };
    const done = Promise.all([
      write(store, [{ key: 'k', record: tombstone }]).then(() => returned.yet),
      new Promise<boolean>((resolve) => {
        store.read(['k'], () => {
          resolve(returned.yet);
        });
      }),
      new Promise<boolean>((resolve) => {
        store.list(EVERYTHING, 1, () => {
          resolve(returned.yet);
        });
      }),
    ]);
    returned.yet = true;
    t.deepEqual(await done, [true, true, true]);
  });

  check('a batch that cannot be encoded is refused whole, and the next one is written', async (t, { store }) => {
    const impossible: Record = { ...recordOf(), state: null };
    await t.throwsAsync(
      write(store, [
        { key: 'good', record: textRecord('good') },
        { key: 'bad', record: impossible },
      ]),
      { name: 'CodecError' },
    );
    t.deepEqual(await read(store, ['good', 'bad']), [undefined, undefined]);
    await write(store, [{ key: 'good', record: textRecord('good') }]);
    t.is(textOf((await read(store, ['good']))[0]), 'good');
  });
}

function checkManyAtOnce(check: Check): void {
  check('a batch of ten thousand records is written and read whole', async (t, { store, reopen }) => {
    const keys = Array.from({ length: 10_000 }, (_, i) => `k${i}`);
    await write(
      store,
      keys.map((key) => ({ key, record: textRecord(key) })),
    );
    t.deepEqual((await read(store, keys)).map(textOf), keys);
    t.deepEqual((await read(await reopen(), keys)).map(textOf), keys);
  });

  check(
    'readers see every acknowledged write, and listings whole batches, while others write',
    async (t, { store }) => {
      const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
      let acknowledged = 0;
      let writing = true;
      const writer = async () => {
        for (let round = 1; round <= 100; round += 1) {
          await write(
            store,
            keys.map((key) => ({ key, record: textRecord(String(round)) })),
          );
          acknowledged = round;
        }
        writing = false;
      };
      const reader = async () => {
        while (writing) {
          const atLeast = acknowledged;
          const seen = (await read(store, keys)).map((record) => Number(textOf(record) ?? 0));
          for (const round of seen) t.true(round >= atLeast);
          const next = (await list(store)).keys.length;
          t.true(next === 0 || next === keys.length);
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await Promise.all([writer(), reader(), reader()]);
      t.deepEqual(
        (await read(store, keys)).map(textOf),
        keys.map(() => '100'),
      );
    },
  );

  check('many writes at once are all kept, each key with its last write', async (t, { store, reopen }) => {
    const writes = Array.from({ length: 500 }, (_, i) => ({ key: `k${i % 50}`, record: textRecord(String(i)) }));
    await Promise.all(writes.map((entry) => write(store, [entry])));
    const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
    const expected = keys.map((_, i) => String(450 + i));
    t.deepEqual((await read(store, keys)).map(textOf), expected);
    t.deepEqual((await read(await reopen(), keys)).map(textOf), expected);
  });
}

function checkClosing(check: Check): void {
  check(
    'closing while reading and writing answers every call, and keeps what was acknowledged',
    async (t, { store, reopen }) => {
      const writes = Array.from({ length: 100 }, (_, i) =>
        write(store, [{ key: `k${i}`, record: textRecord(String(i)) }]),
      );
      const others = [
        ...Array.from({ length: 50 }, () => read(store, ['k1', 'k2'])),
        ...Array.from({ length: 20 }, () => list(store)),
      ];
      const closed = store.close();
      const outcomes = await Promise.allSettled(writes);
      await Promise.allSettled(others);
      await closed;
      const records = await read(
        await reopen(),
        writes.map((_, i) => `k${i}`),
      );
      outcomes.forEach((outcome, i) => {
        if (outcome.status === 'fulfilled') t.is(textOf(records[i]), String(i));
      });
      t.true(outcomes.some((outcome) => outcome.status === 'fulfilled'));
    },
  );

  check('a closed store refuses everything with a definite error, and closes again', async (t, { store }) => {
    await store.close();
    const closed = { name: 'FulcrumError', message: /closed/ };
    t.true(
      ((await t.throwsAsync(write(store, [{ key: 'k', record: tombstone }]), closed)) as { definite?: boolean })
        .definite,
    );
    await t.throwsAsync(read(store, ['k']), closed);
    await t.throwsAsync(list(store), closed);
    await t.notThrowsAsync(store.close());
  });
}
