import test from 'ava';
import type { LevelDatabase } from '../../src/adapters/level-database.js';
import { LevelReader } from '../../src/adapters/level-reader.js';

const SLOW_READ_MS = 10;

/** A database where key n holds the byte n; `slow` keys come from a slow disk. */
function recordedDatabase(slow: (key: string) => boolean) {
  const clock = { ms: 0 };
  const calls = { sync: [] as string[], pool: [] as string[][] };
  const valueOf = (key: string) => Uint8Array.of(Number(key));
  const database = {
    getSync: (key: string) => {
      calls.sync.push(key);
      if (slow(key)) clock.ms += SLOW_READ_MS;
      return valueOf(key);
    },
    getMany: (keys: string[]) => {
      calls.pool.push(keys);
      return Promise.resolve(keys.map(valueOf));
    },
  };
  return { calls, reader: new LevelReader(database as unknown as LevelDatabase, () => clock.ms) };
}

const keysTo = (count: number) => Array.from({ length: count }, (_, i) => String(i));
const valuesTo = (count: number) => Array.from({ length: count }, (_, i) => Uint8Array.of(i));

test('what is in memory is read at once', async (t) => {
  const { calls, reader } = recordedDatabase(() => false);
  t.deepEqual(await reader.read(['0', '1']), valuesTo(2));
  t.deepEqual(await reader.read([]), []);
  t.deepEqual(calls, { sync: ['0', '1'], pool: [] });
});

test('what one call may not do at once is read in the pool', async (t) => {
  const { calls, reader } = recordedDatabase(() => false);
  t.deepEqual(await reader.read(keysTo(300)), valuesTo(300));
  t.deepEqual(calls.sync.concat(...calls.pool), keysTo(300));
  t.is(calls.pool.length, 1);
});

test('a slow disk is left to the pool after one key, for the calls that follow, and is tried again', async (t) => {
  const { calls, reader } = recordedDatabase((key) => key === '1');
  t.deepEqual(
    await reader.read(['1', '2', '3']),
    [1, 2, 3].map((n) => Uint8Array.of(n)),
  );
  t.deepEqual(calls, { sync: ['1'], pool: [['2', '3']] });
  t.deepEqual(await reader.read(['4']), [Uint8Array.of(4)]);
  t.deepEqual(calls.sync, ['1']);
  for (let i = 0; i < 1_000 && calls.sync.length === 1; i += 1) await reader.read(['4']);
  t.deepEqual(calls.sync, ['1', '4']);
});
