/** What a store promises about lists of its keys. */
import { restAfter, type KeyPage, type KeyRange } from '../../src/core/key-range.js';
import type { Check } from './opened-store.js';
import { ballotAt, oddKeys, promiseOnly, recordOf, textRecord, tombstone } from './records.js';
import { EVERYTHING, list, write } from './store-calls.js';

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

export function checkListing(check: Check): void {
  check('a list tells values from tombstones, skips promises, and pages without gaps', async (t, { store }) => {
    const keys = Array.from({ length: 1500 }, (_, i) => `key-${String(i).padStart(5, '0')}`);
    const hasValue = (i: number): boolean => i % 3 === 0 || i > 1400;
    const isDeleted = (i: number): boolean => !hasValue(i) && i % 2 !== 0;
    await write(
      store,
      keys.map((key, i) => ({ key, record: hasValue(i) ? textRecord(key) : isDeleted(i) ? tombstone : promiseOnly })),
    );
    const live = keys.filter((_, i) => hasValue(i));
    const deleted = keys.filter((_, i) => isDeleted(i));
    for (const reverse of [false, true]) {
      for (const limit of [7, 512, keys.length - 1, keys.length, keys.length + 1]) {
        const found: string[] = [];
        const gone: string[] = [];
        let range: KeyRange = { ...EVERYTHING, reverse };
        for (let through: string | null = ''; through !== null;) {
          const page: KeyPage = await list(store, range, limit);
          t.true(page.keys.length + page.deleted.length <= limit);
          found.push(...page.keys);
          gone.push(...page.deleted.map(({ key }) => key));
          through = page.through;
          if (through !== null) range = restAfter(range, through);
        }
        t.deepEqual(found, reverse ? [...live].reverse() : live);
        t.deepEqual(gone, reverse ? [...deleted].reverse() : deleted);
      }
    }
  });

  check('promises alone use up the limit, and the page says how far it has looked', async (t, { store }) => {
    await write(store, [
      ...['a', 'b', 'c'].map((key) => ({ key, record: promiseOnly })),
      { key: 'd', record: textRecord('d') },
    ]);
    t.deepEqual(await list(store, {}, 2), { keys: [], deleted: [], through: 'b' });
    t.deepEqual(await list(store, { from: 'b\0' }, 2), { keys: ['d'], deleted: [], through: null });
    t.deepEqual(await list(store, { reverse: true }, 2), { keys: ['d'], deleted: [], through: 'c' });
  });

  check('a tombstone is listed with the ballot it was accepted with', async (t, { store }) => {
    await write(store, [{ key: 'k', record: textRecord('1') }]);
    await write(store, [{ key: 'k', record: recordOf({ value: null }, 8) }]);
    t.deepEqual(await list(store), { keys: [], deleted: [{ key: 'k', accepted: ballotAt(8) }], through: null });
    await write(store, [{ key: 'k', record: textRecord('2') }]);
    t.deepEqual(await list(store), { keys: ['k'], deleted: [], through: null });
  });

  checkRanges(check);
}

function checkRanges(check: Check): void {
  check('a range begins with its first key and ends before its last, either way', async (t, { store }) => {
    await write(
      store,
      oddKeys.map((key) => ({ key, record: textRecord(key) })),
    );
    for (const from of ['', ...oddKeys]) {
      for (const to of ['', ...oddKeys]) {
        const within = oddKeys.filter((key) => byBytes(key, from) >= 0 && (to === '' || byBytes(key, to) < 0));
        within.sort(byBytes);
        t.deepEqual((await list(store, { from, to })).keys, within, `from ${from} to ${to}`);
        t.deepEqual(
          (await list(store, { from, to, reverse: true })).keys,
          within.reverse(),
          `from ${to} back to ${from}`,
        );
      }
    }
  });
}
