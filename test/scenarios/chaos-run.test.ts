/** `fulcrum chaos run` from end to end: what it prints, what it writes, and what its exit code says. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseHistory, type HistoryEvent } from '../../chaos/history.js';
import { judge, runScenario } from '../../chaos/run/run-scenario.js';
import { chaosRun } from '../../src/bin/chaos-run.js';
import { EXIT } from '../../src/bin/exit-codes.js';
import { Output } from '../../src/bin/output.js';

const SCENARIO = `
title A pause
about One node stands still for a moment.
workload register counters
seconds 6

at 1s for 3s  pause n2
`;

async function workplace(t: ExecutionContext): Promise<{ folder: string; scenario: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-chaos-run-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const scenario = join(folder, 'a-pause.scenario');
  await writeFile(scenario, SCENARIO);
  return { folder, scenario };
}

/** Keeps what would be printed. */
class Kept extends Output {
  readonly documents: unknown[] = [];

  constructor() {
    super(true);
  }

  override result(document: unknown): void {
    this.documents.push(document);
  }

  override note(): void {
    // Nobody reads it.
  }
}

test.serial('a run whose promises all hold is exit code 0, with a report that can be judged again', async (t) => {
  t.timeout(180_000);
  const { folder, scenario } = await workplace(t);
  const output = new Kept();
  const code = await chaosRun(scenario, { seed: 3, report: folder, policy: 'PC/EC', toxiproxy: 'embedded' }, output);
  t.is(code, EXIT.done, JSON.stringify(output.documents));
  const [document] = output.documents as { folder: string; held: boolean; spans: { confirmedS: number | null }[] }[];
  t.true(document?.held);
  t.true(document?.spans.some(({ confirmedS }) => confirmedS !== null));
  const history = parseHistory(await readFile(join(document!.folder, 'history.ndjson'), 'utf8'));
  t.true(history.length > 100);
  t.is(judge(history, 3).verdict, 'valid');
  const verdicts = JSON.parse(await readFile(join(document!.folder, 'verdicts.json'), 'utf8')) as {
    moments: unknown[];
  };
  t.true(verdicts.moments.length > 5);
  const page = await readFile(join(document!.folder, 'report.html'), 'utf8');
  t.regex(page, /Every promise held/);
  t.regex(page, /pause n2/);
  t.notRegex(page, /(src|href)="?https?:/, 'the page must not need anything from outside');
});

/** A read, vouched for as linearizable, of a value that had been replaced long before. */
function staleRead(history: readonly HistoryEvent[]): HistoryEvent[] {
  const reads = history.filter(
    ({ type, kind, receipt, value }) =>
      type === 'ok' && kind === 'get' && receipt?.guarantee === 'linearizable' && typeof value === 'string',
  );
  const old = reads[0]!;
  const time = Math.max(...history.map((event) => event.time)) + 1;
  const head = { process: 'planted', key: old.key, kind: 'get' } as const;
  return [
    { type: 'invoke', time, ...head },
    { ...old, time: time + 1, ...head },
  ];
}

test.serial('a promise that was broken is exit code 1, and the report says which', async (t) => {
  t.timeout(180_000);
  const { folder, scenario } = await workplace(t);
  const output = new Kept();
  const options = { seed: 4, report: folder, policy: 'PC/EC', toxiproxy: 'embedded' } as const;
  const code = await chaosRun(scenario, options, output, async (...args) => {
    const run = await runScenario(...args);
    const history = [...run.history, ...staleRead(run.history)];
    return { ...run, history, result: judge(history, 3) };
  });
  t.is(code, EXIT.notFound);
  const [document] = output.documents as { folder: string; verdicts: { checker: string; verdict: string }[] }[];
  t.is(document?.verdicts.find(({ checker }) => checker === 'linearizability')?.verdict, 'invalid');
  t.regex(await readFile(join(document!.folder, 'report.html'), 'utf8'), /A promise was broken/);
  t.regex(await readFile(join(document!.folder, 'counterexample.html'), 'utf8'), /planted/);
});

test('a scenario that is not there is refused before anything is started', async (t) => {
  await t.throwsAsync(chaosRun('no-such-scenario', {}, new Kept()), { code: 'INVALID_ARGUMENT' });
});
