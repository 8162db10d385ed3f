import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openDataFolder } from '../../src/adapters/data-folder.js';
import { FulcrumError } from '../../src/core/errors.js';
import type { Random } from '../../src/ports/random.js';

/** Draws 1, 2, 3 and so on. */
function countingRandom(): Random {
  let drawn = 0;
  return { unit: () => 0.5, hex64: () => (drawn += 1).toString(16).padStart(16, '0') };
}

async function newFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-folder-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'data', 'n1');
}

test('a new folder is created, and keeps its id when it is opened again', async (t) => {
  const folder = await newFolder(t);
  const options = { folder, cluster: 'c', node: 'n1', random: countingRandom() };
  t.deepEqual(await openDataFolder(options), { folderId: '0000000000000001' });
  t.deepEqual(await openDataFolder(options), { folderId: '0000000000000001' });
  t.deepEqual(await readdir(folder), ['identity.json']);
});

test('a folder that was lost and made again has another id', async (t) => {
  const folder = await newFolder(t);
  const options = { folder, cluster: 'c', node: 'n1', random: countingRandom() };
  const first = await openDataFolder(options);
  await rm(folder, { recursive: true });
  t.notDeepEqual(await openDataFolder(options), first);
});

test('the folder of another node or of another cluster is refused and left alone', async (t) => {
  const folder = await newFolder(t);
  const options = { folder, cluster: 'c', node: 'n1', random: countingRandom() };
  await openDataFolder(options);
  const before = await readFile(join(folder, 'identity.json'), 'utf8');
  for (const wrong of [{ node: 'n2' }, { cluster: 'd' }]) {
    const error = await t.throwsAsync(openDataFolder({ ...options, ...wrong }), { instanceOf: FulcrumError });
    t.is(error.code, 'INVALID_ARGUMENT');
    t.regex(error.message, /belongs to node n1 of cluster c/);
  }
  t.is(await readFile(join(folder, 'identity.json'), 'utf8'), before);
});

test('an identity that cannot be understood is refused and left alone', async (t) => {
  const folder = await newFolder(t);
  const options = { folder, cluster: 'c', node: 'n1', random: countingRandom() };
  await openDataFolder(options);
  for (const text of ['', '{', 'null', '[]', '{"cluster":"c","node":1,"folderId":"x"}']) {
    await writeFile(join(folder, 'identity.json'), text);
    await t.throwsAsync(openDataFolder(options), { instanceOf: FulcrumError, message: /does not say whose folder/ });
    t.is(await readFile(join(folder, 'identity.json'), 'utf8'), text);
  }
});

test('a folder that cannot be made is refused', async (t) => {
  const folder = await newFolder(t);
  const file = join(folder, '..', '..', 'file');
  await writeFile(file, '');
  const options = { folder: join(file, 'n1'), cluster: 'c', node: 'n1', random: countingRandom() };
  const error = await t.throwsAsync(openDataFolder(options), { instanceOf: FulcrumError });
  t.is(error.code, 'UNAVAILABLE');
});
