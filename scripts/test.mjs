/** `npm test`: type check and build, lint, format check and tests, then one line with the result. */
import { existsSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { runAva } from './ava-run.mjs';
import { compiles, isFormatted, lints } from './gates.mjs';
import { prepareDependencies } from './prepare.mjs';
import { root } from './root.mjs';

const everyTest = 'dist/test/**/*.test.js';
const chosen = process.argv.slice(2);
const choosesFiles = chosen.some((argument) => !argument.startsWith('-'));

const results = { passed: 0, failed: 0, skipped: 0 };
await gate('Dependencies', prepareDependencies);
if (results.failed === 0) {
  await gate('Type check and build', compiles);
  if (!choosesFiles) {
    await gate('Lint', lints);
    await gate('Format', isFormatted);
  }
  await gate('Tests', async () => {
    const tests = await runAva(choosesFiles ? chosen.map(toSelection) : [everyTest, ...chosen]);
    for (const kind of /** @type {const} */ (['passed', 'failed', 'skipped'])) results[kind] += tests[kind];
  });
}

const { passed, failed, skipped } = results;
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs one step under a heading and prints how long it took; false or an exception counts as one failure.
 * @param {string} name
 * @param {() => unknown} step
 */
async function gate(name, step) {
  console.log(`\n== ${name} ==`);
  const start = performance.now();
  const failedBefore = results.failed;
  try {
    if ((await step()) === false) results.failed += 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    results.failed += 1;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name}: ${results.failed === failedBefore ? 'ok' : 'FAILED'} in ${seconds} s`);
}

/** A test file or folder as named in the sources becomes what AVA finds in dist; options stay as they are.
 * @param {string} argument
 */
function toSelection(argument) {
  const source = resolve(root, argument);
  if (argument.startsWith('-') || !existsSync(source)) return argument;
  const path = relative(root, source).replaceAll('\\', '/');
  if (statSync(source).isDirectory()) return `dist/${path}/**/*.test.js`;
  return `dist/${path.replace(/\.ts$/, '.js')}`;
}
