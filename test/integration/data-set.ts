import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

const WORDS = '/usr/share/dict/words';
const GENERATED = 104_000;

/** The words of Debian's wamerican where it is installed, otherwise as many made-up ones. */
export async function words(): Promise<readonly string[]> {
  if (existsSync(WORDS)) return (await readFile(WORDS, 'utf8')).split('\n').filter((word) => word !== '');
  return Array.from(
    { length: GENERATED },
    (_, i) => `${'aeiouéß'[i % 7]}${((i * 7_919) % GENERATED).toString(36)}-${i}`,
  );
}
