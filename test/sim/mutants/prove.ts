/** Plants one bug in a copy of the compiled code and lets the simulation look for it, in a process of its own. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Caught } from './catch.js';
import { plant, type Mutant } from './mutant.js';

const built = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

/** Everything a simulation needs of a build. */
const PARTS = ['src/core', 'src/ports', 'src/node', 'src/client', 'src/adapters', 'chaos', 'test/sim'];

export interface Effort {
  readonly seeds: number;
  readonly seconds: number;
}

/** Throws where the bug cannot be planted any more. */
export async function prove(mutant: Mutant | undefined, effort: Effort): Promise<Caught> {
  const name = (mutant?.name ?? 'none').replace(/[^a-z0-9]+/gi, '-');
  const copy = join(built, '..', 'dist-mutants', `${basename(built)}-${process.pid}-${name}`);
  mkdirSync(copy, { recursive: true });
  try {
    for (const part of PARTS) {
      cpSync(join(built, part), join(copy, part), { recursive: true, filter: (path) => !/\.(map|d\.ts)$/.test(path) });
    }
    if (mutant !== undefined) {
      const file = join(copy, 'src', `${mutant.file}.js`);
      writeFileSync(file, plant(mutant, readFileSync(file, 'utf8')));
    }
    const program = join(copy, 'test/sim/mutants/catch.js');
    const { stdout } = await run(process.execPath, [program, String(effort.seeds), String(effort.seconds)]);
    return JSON.parse(stdout) as Caught;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
