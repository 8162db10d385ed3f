import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const out = join(root, 'dist');
const stamp = join(out, '.stamp');
/** The console's page runs in browsers: other built-ins, hence a project of its own. */
const projects = ['tsconfig.json', 'tsconfig.page.json'];
const compilerStates = ['.tsbuildinfo', '.tsbuildinfo-page'].map((name) => join(out, name));
const outputEndings = ['.js', '.js.map', '.d.ts'];

/** Whether a source was added, changed or removed since the last good build, or an output is gone. */
export function buildIsStale() {
  const sources = sourceFiles();
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== fingerprint(sources) || outputsMissing(sources);
}

/** Compiles what changed and removes the outputs of deleted sources. False when the type check failed. */
export function build() {
  const sources = sourceFiles();
  const built = fingerprint(sources);
  mkdirSync(out, { recursive: true });
  rmSync(stamp, { force: true });
  if (outputsMissing(sources)) for (const state of compilerStates) rmSync(state, { force: true });
  const passed = projects.map(tsc).every(Boolean);
  removeOrphans(sources);
  if (passed) writeFileSync(stamp, built);
  return passed;
}

/** Runs the compiler on one project file, its messages on standard error. False when it found errors.
 * @param {string} project
 */
export function tsc(project) {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { cwd: root, stdio: ['ignore', 2, 2] });
  return status === 0;
}

/** @returns {string[]} paths of the TypeScript sources, from the checkout's root */
function sourceFiles() {
  /** @type {{ include: string[] }} */
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  return include.flatMap((folder) => filesBelow(root, folder)).filter((path) => path.endsWith('.ts'));
}

/** @param {string[]} sources */
function fingerprint(sources) {
  const hash = createHash('sha256');
  for (const path of [...sources, ...projects, 'package.json', 'package-lock.json']) {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** @param {string[]} sources */
const outputsMissing = (sources) => sources.some((path) => !existsSync(join(out, path.replace(/\.ts$/, '.js'))));

/** @param {string[]} sources */
function removeOrphans(sources) {
  const expected = new Set(sources.flatMap((path) => outputEndings.map((ending) => path.replace(/\.ts$/, ending))));
  for (const path of filesBelow(out, '.')) {
    const isOutput = outputEndings.some((ending) => path.endsWith(ending));
    if (isOutput && !expected.has(path)) rmSync(join(out, path), { force: true });
  }
}

/** @param {string} base @param {string} folder @returns {string[]} sorted paths from `base`, with forward slashes */
function filesBelow(base, folder) {
  if (!existsSync(join(base, folder))) return [];
  return readdirSync(join(base, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(base.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}
