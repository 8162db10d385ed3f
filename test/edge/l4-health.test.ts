import test from 'ava';
import fc from 'fast-check';
import { healthAfter, UNCHECKED, type L4Finding, type L4Health } from '../../src/edge/l4-health.js';

const ok: L4Finding = { kind: 'ok' };
const failed: L4Finding = { kind: 'failed', reason: 'silence' };
const refused: L4Finding = { kind: 'refused', reason: 'nobody listens' };
const after = (...findings: readonly L4Finding[]): L4Health =>
  findings.reduce((health, finding) => healthAfter(health, finding), UNCHECKED);

test('the first finding decides', (t) => {
  t.deepEqual(after(ok), { kind: 'up', failures: 0 });
  t.deepEqual(after(failed), { kind: 'down', successes: 0, reason: 'silence' });
});

test('two failures in a row take a node out, with the reason of the last; one does not', (t) => {
  t.is(after(ok, failed).kind, 'up');
  t.is(after(ok, failed, ok, failed).kind, 'up');
  t.deepEqual(after(ok, failed, failed), { kind: 'down', successes: 0, reason: 'silence' });
});

test('a refused connection takes a node out at once', (t) => {
  t.deepEqual(after(ok, refused), { kind: 'down', successes: 0, reason: 'nobody listens' });
});

test('one success brings a node back, and it has all its failures before it again', (t) => {
  t.deepEqual(after(ok, failed, failed, ok), { kind: 'up', failures: 0 });
});

test('with other thresholds it takes as many, in a row', (t) => {
  const thresholds = { fall: 3, rise: 2 };
  const step = (health: L4Health, finding: L4Finding): L4Health => healthAfter(health, finding, thresholds);
  t.is([ok, failed, failed].reduce(step, UNCHECKED).kind, 'up');
  const down = [ok, failed, failed, failed].reduce(step, UNCHECKED);
  t.is(down.kind, 'down');
  t.is([ok, failed, ok].reduce(step, down).kind, 'down');
  t.is([ok, ok].reduce(step, down).kind, 'up');
});

test('whatever was found, a node is up exactly if nothing since it last came up was a refusal or two failures in a row', (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(ok, failed, refused)), (findings) => {
      const kinds = findings.map(({ kind }) => kind[0]).join('');
      const sinceLastOk = /o(f?)$|^$/.exec(kinds);
      const expected = kinds === '' ? 'unchecked' : sinceLastOk === null ? 'down' : 'up';
      return after(...findings).kind === expected;
    }),
  );
  t.pass();
});
