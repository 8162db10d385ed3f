import test from 'ava';
import { MUTANTS } from './mutants.js';
import { plant } from './mutant.js';
import { PLANTED_BUGS, RARE_BUGS } from './planted-bugs.js';
import { prove } from './prove.js';

/** The rare ones, and those of collection and of policies. `npm run sim:mutants` proves them all. */
const BY_DIRECTED_SCENARIO = [
  ...RARE_BUGS.flatMap((bug) => PLANTED_BUGS[bug] ?? []),
  'collection without floor',
  'floor that forgets promised',
  'F forgotten where only a promise is left',
  'policy strengthened without a barrier',
];

test('every planted bug that PROTOCOL.md lists has a mutant', (t) => {
  const names = MUTANTS.map(({ name }) => name);
  t.is(new Set(names).size, names.length);
  for (const [bug, mutants] of Object.entries(PLANTED_BUGS)) {
    t.true(mutants.length > 0, bug);
    for (const name of mutants) t.true(names.includes(name), `${bug}: ${name}`);
  }
});

test.serial('without a planted bug every directed scenario holds', async (t) => {
  const { directed } = await prove(undefined, { seeds: 0, seconds: 0 });
  t.deepEqual(directed, []);
});

for (const name of BY_DIRECTED_SCENARIO) {
  test.serial(`planted and caught by a directed scenario: ${name}`, async (t) => {
    const mutant = MUTANTS.find((candidate) => candidate.name === name);
    t.truthy(mutant);
    const { directed } = await prove(mutant, { seeds: 0, seconds: 0 });
    t.not(directed.length, 0);
  });
}

test('a bug is planted in exactly one place, however the code is spaced', (t) => {
  const mutant = { name: 'm', file: 'f', find: 'if (a) b();', by: 'c();' };
  t.is(plant(mutant, 'x; if (a)\n    b(); y;'), 'x; c(); y;');
  t.throws(() => plant(mutant, 'x;'), { message: /0 places/ });
  t.throws(() => plant(mutant, 'if (a) b(); if (a) b();'), { message: /2 places/ });
});
