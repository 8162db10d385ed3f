import test from 'ava';
import { cliIn, workFolder } from './run-cli.js';

const MINUTES_5 = 300_000;

interface Report {
  readonly steps: readonly {
    readonly step: number;
    readonly title: string;
    readonly facts: readonly { readonly text: string; readonly figures: Readonly<Record<string, unknown>> }[];
  }[];
}

test('fulcrum tour takes six steps on a cluster of its own, and what it says really happened', async (t) => {
  t.timeout(MINUTES_5);
  const folder = await workFolder(t);
  const { code, out, err } = await cliIn(folder)('tour', '--json');
  t.is(code, 0, err);
  const { steps } = JSON.parse(out) as Report;
  t.deepEqual(
    steps.map(({ step }) => step),
    [1, 2, 3, 4, 5, 6],
  );
  const figures = (step: number) => steps[step - 1]!.facts.map((fact) => fact.figures);
  t.true(figures(1).some(({ guarantees }) => guarantees === 'linearizable'));
  t.deepEqual(
    figures(2).map(({ level, guarantees }) => [level, guarantees]),
    [
      ['ONE', 'eventual'],
      ['QUORUM', 'linearizable'],
      ['ALL', 'linearizable'],
    ],
  );
  t.true(figures(3).some(({ code: refused, definite }) => refused === 'UNAVAILABLE' && definite === true));
  t.true(figures(3).some(({ guarantee, degraded }) => guarantee === 'linearizable' && degraded === false));
  t.true(figures(4).some(({ degraded, guarantee }) => degraded === true && guarantee === 'eventual'));
  t.true(figures(4).some(({ alone, other }) => alone !== undefined && alone !== other));
  t.true(figures(6).some(({ lost, kept }) => typeof lost === 'string' && lost !== kept));
  t.true(figures(6).some(({ guarantee }) => guarantee === 'linearizable'));
});
