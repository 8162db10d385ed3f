import type { Sources } from './sources.js';

const LINES_MAX = 330;

const leftover = /\b(?:TODO|FIXME|XXX|HACK)\b/; // tidy: names the words
const narrowed = /\btest(?:\.\w+)*\.(?:only|skip|todo|failing)(?:\.\w+)*\(/;

/** Files with more lines than a file may have. */
export const longFiles = (sources: Sources): string[] =>
  [...sources]
    .map(([path, text]) => ({ path, lines: text.replace(/\n$/, '').split('\n').length }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than ${LINES_MAX}`);

/** Lines with a note that work is left. */
export const leftovers = (sources: Sources): string[] => linesThat(sources, (line) => leftover.test(line));

/**
 * Tests that are switched off or that switch others off. Choosing `test.skip` by a condition, as where a program is
 * not installed, is no call of it and is allowed: the test is then reported as skipped, by name.
 */
export const narrowedTests = (sources: Sources): string[] => linesThat(sources, (line) => narrowed.test(line));

function linesThat(sources: Sources, isFault: (line: string) => boolean): string[] {
  return [...sources].flatMap(([path, text]) =>
    text
      .split('\n')
      .map((line, index) => ({ line, at: `${path}:${index + 1}` }))
      .filter(({ line }) => isFault(line) && !line.endsWith('// tidy: names the words'))
      .map(({ line, at }) => `${at} ${line.trim()}`),
  );
}
