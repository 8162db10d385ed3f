import test from 'ava';
import { clockSetBack, twoProcessesOfOneNode } from './identities.js';
import { expectedOf, runScenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

for (const { name, title, text } of SCENARIOS) {
  test(`${name}: ${title}`, (t) => {
    t.is(runScenario(text), expectedOf(text));
  });
}

test('D10: two processes of one node never mint one ballot', (t) => {
  t.is(twoProcessesOfOneNode(), undefined);
});

test('D10: a clock that is set back makes no ballot again', (t) => {
  t.is(clockSetBack(), undefined);
});
