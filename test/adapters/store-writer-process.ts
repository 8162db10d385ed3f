/**
 * A process to be killed or starved: writes key after key into the store in argv[2], sixteen at once, and
 * prints each one when it was acknowledged. Prints the error and stops writing when a write fails.
 */
import { openLevelStore } from '../../src/adapters/level-store.js';
import { textRecord } from '../conformance/records.js';
import { write } from '../conformance/store-calls.js';

const [, , folder, prefix, padding] = process.argv as unknown as [string, string, string, string, string];
const store = await openLevelStore({ folder });
const filler = 'x'.repeat(Number(padding));

async function writeForEver(worker: number): Promise<never> {
  for (let i = 0; ; i += 1) {
    const key = `${prefix}-${worker}-${i}`;
    await write(store, [{ key, record: textRecord(key + filler) }]);
    process.stdout.write(`${key}\n`);
  }
}

try {
  await Promise.all(Array.from({ length: 16 }, (_, worker) => writeForEver(worker)));
} catch (error) {
  process.stderr.write(String(error));
  const again = await write(store, [{ key: 'after', record: textRecord('after') }]).then(
    () => 'taken',
    () => 'refused',
  );
  process.stderr.write(`\nnext write ${again}\n`);
  process.exit(7);
}
