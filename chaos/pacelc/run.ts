/**
 * `npm run pacelc`: measures every policy and level on a healthy network, a slow one and a cut one, and checks what
 * the receipts claimed. About nine minutes with the defaults.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { POLICIES, isPolicy } from '../../src/core/policy.js';
import { CONDITION_TITLES } from './cells.js';
import { measureMatrix, type Matrix } from './matrix.js';
import { matrixPage } from './page.js';
import { HEAD, machineText, markdownOf, rowOf, summaryOf } from './tables.js';

const HELP = `Measures the PACELC matrix on this machine: latency, availability, staleness and lost updates of every policy
and level on a healthy network, with 20 ms between nodes, and on both sides of a partition, and checks every claim.

  npm run pacelc -- [--seconds 8] [--seed 7] [--burst 14000] [--policy PC/EC]... [--out fulcrum-chaos/pacelc] [--docs] [--json]

  --seconds   of each of the 36 measurements; 8 by default, for about nine minutes in all
  --seed      what the callers do
  --burst     linearizable answers that are gathered, and checked, beyond the measured ones, in each of the
              measurements that claim linearizability; 14000 by default, for 100 thousand in all
  --policy    only this one; may be given several times
  --out       folder of pacelc.html, pacelc.md and pacelc.json
  --docs      writes docs/pacelc.md and docs/pacelc.json as well
  --json      prints the figures as JSON instead of the table

Exit code: 0 where every claim held, 1 where one was refuted, 2 for wrong usage, 3 where something was undecided.`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    seed: { type: 'string', default: '7' },
    burst: { type: 'string', default: '14000' },
    policy: { type: 'string', multiple: true, default: [...POLICIES] },
    out: { type: 'string', default: 'fulcrum-chaos/pacelc' },
    docs: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const [seconds, seed, burst] = [values.seconds, values.seed, values.burst].map(Number) as [number, number, number];
  if (values.help) return said(HELP, 0);
  if (!(seconds >= 1 && seconds <= 600) || !Number.isInteger(seed) || !(burst >= 0) || !values.policy.every(isPolicy))
    return said(HELP, 2);
  const matrix = await measureMatrix({
    policies: values.policy,
    seconds,
    seed,
    burst,
    onPhase: ({ policy, level, condition }, done, total, result) => {
      const title = `${policy} ${level}, ${CONDITION_TITLES[condition]}`;
      if (result === undefined) process.stderr.write(`${String(done + 1).padStart(2)}/${total} ${title} …\n`);
      for (const problem of result?.problems ?? []) process.stderr.write(`      ${problem}\n`);
    },
  });
  await write(matrix);
  if (values.json) process.stdout.write(`${JSON.stringify(matrix, null, 2)}\n`);
  else print(matrix);
  if (matrix.cells.some(({ verdict }) => verdict === 'invalid')) return 1;
  return matrix.cells.some(({ verdict }) => verdict === 'undecided') ? 3 : 0;
}

async function write(matrix: Matrix): Promise<void> {
  const command = `npm run pacelc -- --seconds ${matrix.secondsPerPhase} --seed ${matrix.seed} --burst ${values.burst}`;
  const json = `${JSON.stringify(matrix, rounded, 1)}\n`;
  await mkdir(values.out, { recursive: true });
  await writeFile(join(values.out, 'pacelc.html'), matrixPage(matrix, command));
  for (const folder of [values.out, ...(values.docs ? ['docs'] : [])]) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'pacelc.md'), markdownOf(matrix, command));
    await writeFile(join(folder, 'pacelc.json'), json);
  }
}

function print(matrix: Matrix): void {
  const table = new Table({ head: [...HEAD], style: { head: [], border: [], compact: true } });
  table.push(...matrix.cells.map(rowOf));
  process.stdout.write(`${table.toString()}\n${summaryOf(matrix)}\n${machineText(matrix)}\n`);
  process.stdout.write(`Report: ${join(values.out, 'pacelc.html')}\n`);
}

function rounded(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(4)) : value;
}

function said(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  return code;
}

process.exitCode = await main();
