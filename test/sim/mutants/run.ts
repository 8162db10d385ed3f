/**
 * `npm run sim:mutants -- [--seeds 20000] [--seconds 120] [--only TEXT] [--json]`: plants each bug, and prints by
 * what and how fast it was caught. Exit code 1: one was not.
 */
import { parseArgs } from 'node:util';
import type { Caught } from './catch.js';
import { MUTANTS } from './mutants.js';
import { prove } from './prove.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '120' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const effort = { seeds: Number(values.seeds), seconds: Number(values.seconds) };
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const chosen = MUTANTS.filter(({ name }) => name.includes(values.only));
if (!values.json)
  print('| planted bug | directed scenarios | seeds until caught | seconds | broken |\n|---|---|---|---|---|');
let missed = 0;
for (const mutant of chosen) {
  const caught = await prove(mutant, effort);
  const isCaught = caught.directed.length > 0 || caught.seed !== undefined;
  if (!isCaught) missed += 1;
  print(values.json ? JSON.stringify({ name: mutant.name, ...caught }) : row(mutant.name, caught));
}
if (!values.json) print(`\n${chosen.length - missed} of ${chosen.length} planted bugs were caught`);
process.exitCode = missed === 0 ? 0 : 1;

function row(name: string, { directed, seed, seeds, seconds, invariant }: Caught): string {
  const bySeed = seed === undefined ? `not in ${seeds}` : String(seed);
  const verdict = directed.length === 0 && seed === undefined ? '**NOT CAUGHT**' : (invariant ?? '');
  return `| ${name} | ${directed.join(', ')} | ${bySeed} | ${seconds.toFixed(1)} | ${verdict} |`;
}
