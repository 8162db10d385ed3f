import test from 'ava';
import type { LevelDatabase } from '../../src/adapters/level-database.js';
import { LevelWriter } from '../../src/adapters/level-writer.js';
import { FulcrumError } from '../../src/core/errors.js';

interface Batch {
  readonly keys: string[];
  options: unknown;
  succeed: () => void;
  fail: (error: Error) => void;
}

/** A database whose batches end when the test says so. */
function scriptedDatabase() {
  const batches: Batch[] = [];
  const database = {
    batch: () => {
      const batch: Batch = { keys: [], options: undefined, succeed: () => undefined, fail: () => undefined };
      return {
        put: (key: string) => {
          batch.keys.push(key);
        },
        write: (options: unknown) => {
          batches.push(batch);
          batch.options = options;
          return new Promise<void>((resolve, reject) => {
            batch.succeed = resolve;
            batch.fail = reject;
          });
        },
      };
    },
  };
  return { batches, writer: new LevelWriter(database as unknown as LevelDatabase, '/data') };
}

function put(writer: LevelWriter, ...keys: string[]): Promise<Error | null> {
  return new Promise((resolve) => {
    writer.write(
      keys.map((key) => ({ key, value: new Uint8Array(1) })),
      resolve,
    );
  });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('every batch is synced', async (t) => {
  const { batches, writer } = scriptedDatabase();
  const done = put(writer, 'a');
  t.deepEqual(batches[0]!.options, { sync: true });
  batches[0]!.succeed();
  t.is(await done, null);
});

test('what arrives during a batch forms the next one, and no two are written at once', async (t) => {
  const { batches, writer } = scriptedDatabase();
  const first = put(writer, 'a');
  const others = [put(writer, 'b', 'c'), put(writer, 'd')];
  await turn();
  t.is(batches.length, 1);
  batches[0]!.succeed();
  t.is(await first, null);
  await turn();
  t.deepEqual(
    batches.map((batch) => batch.keys),
    [['a'], ['b', 'c', 'd']],
  );
  batches[1]!.succeed();
  t.deepEqual(await Promise.all(others), [null, null]);
});

test('after a failed batch nothing is written any more', async (t) => {
  const { batches, writer } = scriptedDatabase();
  const failed = put(writer, 'a');
  const queued = put(writer, 'b');
  batches[0]!.fail(new Error('IO error: /data/000003.log: No space left on device'));
  const later = put(writer, 'c');
  for (const error of await Promise.all([failed, queued, later, put(writer, 'd')])) {
    t.true(error instanceof FulcrumError);
    t.false((error as FulcrumError).definite);
    t.regex((error as FulcrumError).message, /the disk is full.*restart the node/s);
  }
  t.is(batches.length, 1);
});

test('a writer is idle once everything was answered', async (t) => {
  const { batches, writer } = scriptedDatabase();
  await writer.idle();
  let answered = 0;
  const both = [put(writer, 'a'), put(writer, 'b')].map(async (done) => {
    await done;
    answered += 1;
  });
  const idle = writer.idle().then(() => answered);
  batches[0]!.succeed();
  await turn();
  batches[1]!.succeed();
  await Promise.all(both);
  t.is(await idle, 2);
});
