/** What every store promises of its notes, of removing records, and of scanning them. */
import type { Check } from './opened-store.js';
import { oddKeys, promiseOnly, textOf, textRecord, tombstone } from './records.js';
import { list, notes, read, scan, write } from './store-calls.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const names = (found: readonly { readonly name: string }[]): string[] => found.map(({ name }) => name);

export function checkNotes(check: Check): void {
  check('a note is read back, replaced and removed, also after reopening', async (t, { store, reopen }) => {
    await write(store, [], [{ space: 'conflict', name: 'a', bytes: bytes('one') }]);
    await write(store, [], [{ space: 'conflict', name: 'a', bytes: bytes('two') }]);
    const again = await reopen();
    t.deepEqual(
      (await notes(again)).map(({ name, bytes: found }) => [name, Buffer.from(found).toString()]),
      [['a', 'two']],
    );
    await write(again, [], [{ space: 'conflict', name: 'a', bytes: null }]);
    t.deepEqual(await notes(again), []);
  });

  check('notes are listed in order, by prefix, after a name, and up to a limit', async (t, { store }) => {
    const all = ['a', 'b/1', 'b/2', 'b/3', 'c'];
    await write(
      store,
      [],
      [...all].reverse().map((name) => ({ space: 'conflict' as const, name, bytes: bytes(name) })),
    );
    t.deepEqual(names(await notes(store)), all);
    t.deepEqual(names(await notes(store, 'b/')), ['b/1', 'b/2', 'b/3']);
    t.deepEqual(names(await notes(store, 'b/', 'b/1')), ['b/2', 'b/3']);
    t.deepEqual(names(await notes(store, '', '', 2)), ['a', 'b/1']);
    t.deepEqual(names(await notes(store, '', 'c')), []);
  });

  check('a prefix finds every name that begins with it, whatever follows it in byte order', async (t, { store }) => {
    const all = ['b', 'b\ud7ff', 'b\ud7ff1', 'b\ue000', 'b\u{10ffff}', 'b\u{10ffff}\u{10ffff}', 'c'];
    await write(
      store,
      [],
      all.map((name) => ({ space: 'conflict' as const, name, bytes: bytes(name) })),
    );
    t.deepEqual(names(await notes(store, 'b')), all.slice(0, 6));
    t.deepEqual(names(await notes(store, 'b\ud7ff')), all.slice(1, 3));
    t.deepEqual(names(await notes(store, 'b\u{10ffff}')), all.slice(4, 6));
    t.deepEqual(names(await notes(store, 'b\u{10ffff}', 'b\u{10ffff}')), all.slice(5, 6));
    t.deepEqual(names(await notes(store, 'b', '', 1)), ['b']);
  });

  check('notes of other spaces, and records, are no notes of this one', async (t, { store }) => {
    await write(
      store,
      [{ key: 'a', record: textRecord('a') }],
      [
        { space: 'meta', name: 'a', bytes: bytes('m') },
        { space: 'hint', name: 'b', bytes: bytes('h') },
      ],
    );
    t.deepEqual(await notes(store), []);
    t.deepEqual(
      (await scan(store)).entries.map(({ key }) => key),
      ['a'],
    );
  });
}

export function checkRemoval(check: Check): void {
  check('a record that was removed is gone, also after reopening', async (t, { store, reopen }) => {
    await write(store, [
      { key: 'a', record: textRecord('a') },
      { key: 'b', record: textRecord('b') },
    ]);
    await write(store, [{ key: 'a', record: null }]);
    for (const open of [() => Promise.resolve(store), reopen]) {
      const one = await open();
      t.deepEqual((await read(one, ['a', 'b'])).map(textOf), [undefined, 'b']);
      t.deepEqual(await list(one), { keys: ['b'], deleted: [], through: null });
    }
  });

  check('a scan gives every record, tombstones and promises too, a page at a time', async (t, { store }) => {
    const others = [
      { key: 'deleted', record: tombstone },
      { key: 'promised', record: promiseOnly },
    ];
    await write(store, [...oddKeys.map((key) => ({ key, record: textRecord(key) })), ...others]);
    const ordered = [...oddKeys, 'deleted', 'promised'].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const seen: string[] = [];
    for (let after = '', more = true; more;) {
      const page = await scan(store, after, 3);
      t.true(page.entries.length <= 3);
      seen.push(...page.entries.map(({ key }) => key));
      after = seen.at(-1)!;
      more = page.more;
    }
    t.deepEqual(seen, ordered);
  });
}
