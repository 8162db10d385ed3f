import { spawn } from 'node:child_process';
import { appendFile, chmod, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Level } from 'level';
import { openLevelStore } from '../../src/adapters/level-store.js';
import { FulcrumError } from '../../src/core/errors.js';
import { recordOf, textOf, textRecord } from '../conformance/records.js';
import { list, read, write } from '../conformance/store-calls.js';

const writerProcess = join(import.meta.dirname, 'store-writer-process.js');

async function newFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-level-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function refusal(t: ExecutionContext, folder: string): Promise<FulcrumError> {
  const error = await t.throwsAsync(openLevelStore({ folder }), { instanceOf: FulcrumError });
  t.is(error.code, 'UNAVAILABLE');
  t.true(error.definite);
  t.true(error.message.includes(folder));
  return error;
}

/** The newest file of the store with this ending. */
async function newest(folder: string, ending: string): Promise<string> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(ending)).sort();
  return join(folder, files.at(-1)!);
}

test('every acknowledged write is there after kill -9', async (t) => {
  const folder = await newFolder(t);
  const acknowledged: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    const killAt = 20 + Math.floor(Math.random() * 1500);
    const writer = spawn(process.execPath, [writerProcess, folder, `round${round}`, '0']);
    t.teardown(() => writer.kill('SIGKILL'));
    let printed = '';
    writer.stdout.setEncoding('utf8');
    writer.stdout.on('data', (text: string) => {
      printed += text;
      if (printed.length > killAt * 8) writer.kill('SIGKILL');
    });
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      writer.on('close', (...how) => {
        resolve(how);
      });
    });
    t.deepEqual([code, signal], [null, 'SIGKILL']);
    acknowledged.push(...printed.split('\n').slice(0, -1));
  }
  const store = await openLevelStore({ folder });
  t.deepEqual((await read(store, acknowledged)).map(textOf), acknowledged);
  await store.close();
});

test('a torn last write loses that write and no other', async (t) => {
  const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
  for (const torn of [1, 3, 10, 100]) {
    const folder = await newFolder(t);
    const store = await openLevelStore({ folder });
    for (const key of keys) await write(store, [{ key, record: textRecord(key) }]);
    await store.close();
    const log = await newest(folder, '.log');
    await truncate(log, (await stat(log)).size - torn);
    const reopened = await openLevelStore({ folder });
    t.deepEqual((await read(reopened, keys)).map(textOf), [...keys.slice(0, -1), undefined]);
    await write(reopened, [{ key: 'k49', record: textRecord('again') }]);
    await reopened.close();
    const last = await openLevelStore({ folder });
    t.is(textOf((await read(last, ['k49']))[0]), 'again');
    await last.close();
  }
});

test('a torn batch is lost whole', async (t) => {
  const folder = await newFolder(t);
  const store = await openLevelStore({ folder });
  const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
  await write(store, [{ key: 'before', record: textRecord('before') }]);
  await write(
    store,
    keys.map((key) => ({ key, record: textRecord(key) })),
  );
  await store.close();
  const log = await newest(folder, '.log');
  await truncate(log, (await stat(log)).size - 5);
  const reopened = await openLevelStore({ folder });
  t.deepEqual(await list(reopened), { keys: ['before'], deleted: [], through: null });
  await reopened.close();
});

test('garbage behind the last write is passed over', async (t) => {
  const folder = await newFolder(t);
  const store = await openLevelStore({ folder });
  await write(store, [{ key: 'k', record: textRecord('kept') }]);
  await store.close();
  await appendFile(await newest(folder, '.log'), Buffer.alloc(300, 0xa5));
  const reopened = await openLevelStore({ folder });
  t.is(textOf((await read(reopened, ['k']))[0]), 'kept');
  await reopened.close();
});

test('a log that is wrong anywhere before its last write is refused, not cut short', async (t) => {
  const folder = await newFolder(t);
  const store = await openLevelStore({ folder });
  // The second is spread over three blocks of the log.
  for (const text of ['first', 'x'.repeat(80_000), 'third', 'fourth'])
    await write(store, [{ key: text.slice(0, 6), record: textRecord(text) }]);
  await store.close();
  const log = await newest(folder, '.log');
  const content = await readFile(log);
  const lastWrite = content.lastIndexOf('rfourth') - 30;
  const positions = [...Array(200).keys(), ...Array.from({ length: 100 }, (_, i) => 200 + i * 797), lastWrite - 1];
  for (const at of positions) {
    const damaged = Buffer.from(content);
    damaged[at]! ^= 1 << (at % 8);
    await writeFile(log, damaged);
    t.regex((await refusal(t, folder)).message, /is damaged: .*log is wrong at byte \d+.*new node id/);
  }
  // Pages that never came to the disk, in the middle of a record.
  await writeFile(log, Buffer.from(content).fill(0, 32_768, 65_536));
  t.regex((await refusal(t, folder)).message, /log is wrong at byte 32768/);
  await writeFile(log, content);
  const mended = await openLevelStore({ folder });
  t.is(textOf((await read(mended, ['fourth']))[0]), 'fourth');
  await mended.close();
});

test('a large last write of which only the end came to the disk loses that write and no other', async (t) => {
  const folder = await newFolder(t);
  const store = await openLevelStore({ folder });
  await write(store, [{ key: 'before', record: textRecord('before') }]);
  await write(store, [{ key: 'large', record: textRecord('x'.repeat(80_000)) }]);
  await store.close();
  const log = await newest(folder, '.log');
  await writeFile(log, (await readFile(log)).fill(0, 32_768, 65_536));
  const reopened = await openLevelStore({ folder });
  t.deepEqual((await read(reopened, ['before', 'large'])).map(textOf), ['before', undefined]);
  await reopened.close();
});

test('a folder that is open already is refused, and stays usable', async (t) => {
  const folder = await newFolder(t);
  const store = await openLevelStore({ folder });
  const error = await refusal(t, folder);
  t.regex(error.message, /in use by another process/);
  await write(store, [{ key: 'k', record: textRecord('still') }]);
  t.is(textOf((await read(store, ['k']))[0]), 'still');
  await store.close();
});

test('a folder that another process has open is refused', async (t) => {
  const folder = await newFolder(t);
  const writer = spawn(process.execPath, [writerProcess, folder, 'held', '0']);
  t.teardown(() => writer.kill('SIGKILL'));
  await new Promise((resolve) => writer.stdout.once('data', resolve));
  t.regex((await refusal(t, folder)).message, /in use by another process/);
  writer.kill('SIGKILL');
  await new Promise((resolve) => writer.once('close', resolve));
  const store = await openLevelStore({ folder });
  await store.close();
});

test('a path that is a file is refused', async (t) => {
  const file = join(await newFolder(t), 'file');
  await writeFile(file, '');
  t.regex((await refusal(t, file)).message, /cannot be opened/);
});

const asRoot = process.getuid?.() === 0;
(asRoot ? test.skip : test)('a read-only folder is refused (not as root, who may write anywhere)', async (t) => {
  const folder = await newFolder(t);
  await chmod(folder, 0o500);
  t.regex((await refusal(t, folder)).message, /cannot be written/);
  await chmod(folder, 0o700);
});

test('a store whose root file was lost is refused, not taken for a new one', async (t) => {
  const folder = await newFolder(t);
  const store = await openLevelStore({ folder });
  await write(store, [{ key: 'k', record: textRecord('v') }]);
  await store.close();
  await rename(join(folder, 'CURRENT'), `${folder}-current`);
  t.teardown(() => rm(`${folder}-current`, { force: true }));
  const files = (await readdir(folder)).sort();
  t.regex((await refusal(t, folder)).message, /damaged.*new node id/);
  // Nothing was made in its place either, which the next start would take for the store.
  t.deepEqual((await readdir(folder)).sort(), files);
  await rename(`${folder}-current`, join(folder, 'CURRENT'));
  const restored = await openLevelStore({ folder });
  t.is(textOf((await read(restored, ['k']))[0]), 'v');
  await restored.close();
});

test('a store with a damaged manifest is refused with what to do', async (t) => {
  const folder = await newFolder(t);
  await (await openLevelStore({ folder })).close();
  const files = await readdir(folder);
  const manifest = join(
    folder,
    files.find((file) => file.startsWith('MANIFEST'))!,
  );
  await writeFile(manifest, Buffer.alloc((await stat(manifest)).size, 0xff));
  t.regex((await refusal(t, folder)).message, /damaged/);
});

for (const format of ['1', '3']) {
  test(`a store of another format, ${format}, is refused`, async (t) => {
    const folder = await newFolder(t);
    const database = new Level<string, string>(folder);
    await database.put('mformat', format);
    await database.close();
    t.regex((await refusal(t, folder)).message, new RegExp(`has format ${format}; .* reads format 2`));
  });
}

test('a damaged record is reported by its key, and the others are served', async (t) => {
  const folder = await newFolder(t);
  const store = await openLevelStore({ folder });
  await write(store, [
    { key: 'bad', record: textRecord('bad') },
    { key: 'good', record: textRecord('good') },
  ]);
  await store.close();
  const database = new Level<string, Uint8Array>(folder, { valueEncoding: 'view' });
  const bytes = Uint8Array.from(await database.get('rbad'));
  bytes[bytes.length - 2]! ^= 1;
  await database.put('rbad', bytes);
  await database.close();
  const reopened = await openLevelStore({ folder });
  await t.throwsAsync(read(reopened, ['good', 'bad']), { name: 'CodecError', message: /"bad"/ });
  await t.throwsAsync(list(reopened), { name: 'CodecError', message: /"bad"/ });
  t.is(textOf((await read(reopened, ['good']))[0]), 'good');
  await reopened.close();
});

test('a write that the disk refuses fails as indefinite, stops all others, and loses nothing acknowledged', async (t) => {
  const folder = await newFolder(t);
  // The largest file a process may write, in blocks of 512 or 1024 bytes, stands in for a full disk.
  const command = `ulimit -f 2000; exec "$0" "$@"`;
  const writer = spawn('sh', ['-c', command, process.execPath, writerProcess, folder, 'limited', '2000']);
  t.teardown(() => writer.kill('SIGKILL'));
  let printed = '';
  let complaint = '';
  writer.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  writer.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  t.is(await new Promise((resolve) => writer.on('close', resolve)), 7);
  t.regex(complaint, /FulcrumError: The store in .* could not write: .*too large/i);
  t.regex(complaint, /next write refused/);
  const acknowledged = printed.split('\n').slice(0, -1);
  t.true(acknowledged.length > 0);
  const store = await openLevelStore({ folder });
  const found = (await read(store, acknowledged)).map(textOf);
  t.deepEqual(
    found,
    acknowledged.map((key) => key + 'x'.repeat(2000)),
  );
  t.is((await read(store, ['after']))[0], undefined);
  await store.close();
});

test('reads of more than one call may do at once come back whole and in order', async (t) => {
  const store = await openLevelStore({ folder: await newFolder(t), compression: false, writeBufferBytes: 1 << 20 });
  const keys = Array.from({ length: 300 }, (_, i) => `big${i}`);
  const value = (i: number) => new Uint8Array(100_000).fill(i);
  for (let i = 0; i < keys.length; i += 50) {
    await write(
      store,
      keys.slice(i, i + 50).map((key, j) => ({ key, record: recordOf({ value: value(i + j) }) })),
    );
  }
  for (const round of [1, 2, 3]) {
    const found = await read(store, keys);
    t.true(
      found.every((record, i) => record?.state?.value?.length === 100_000 && record.state.value[0] === i % 256),
      `round ${round}`,
    );
  }
  t.deepEqual(await list(store, {}, 3), { keys: ['big0', 'big1', 'big10'], deleted: [], through: 'big10' });
  const early = await list(store);
  t.true(early.keys.length > 0 && early.keys.length < 100, 'a page of large values ends early');
  t.is(early.through, early.keys.at(-1)!);
  await store.close();
});
