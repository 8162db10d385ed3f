import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tsc } from './build.mjs';
import { prepareBuild } from './prepare.mjs';
import { root } from './root.mjs';
import { typeSurface } from './type-surface.mjs';

const cacheFolder = join(root, 'node_modules', '.cache');

/** Type check and build of the sources, then the type check of the scripts. */
export const compiles = () => {
  const built = prepareBuild();
  return tsc('tsconfig.scripts.json') && built;
};

/** Type-aware lint; results are kept for as long as no type that other files can see has changed. */
export const lints = () => {
  const lintCache = join(cacheFolder, 'eslint');
  const current = `${typeSurface()}.json`;
  for (const old of entriesOf(lintCache)) if (old !== current) rmSync(join(lintCache, old), { force: true });
  const caching = ['--cache', '--cache-strategy', 'content', '--cache-location', join(lintCache, current)];
  return succeeds(['eslint', 'bin', 'eslint.js'], ['.', '--max-warnings', '0', ...caching]);
};

/** Whether prettier would leave every file as it is. */
export const isFormatted = () => {
  const caching = ['--cache', '--cache-strategy', 'content', '--cache-location', join(cacheFolder, 'prettier.json')];
  return succeeds(['prettier', 'bin', 'prettier.cjs'], ['--check', '.', '--log-level', 'warn', ...caching]);
};

/** @param {string} folder */
function entriesOf(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @param {string[]} program path below node_modules @param {string[]} options */
function succeeds(program, options) {
  const script = join(root, 'node_modules', ...program);
  return spawnSync(process.execPath, [script, ...options], { cwd: root, stdio: ['ignore', 1, 2] }).status === 0;
}
