/** `npm run bench` */
import { writeFile } from 'node:fs/promises';
import { CommanderError } from 'commander';
import { parseArguments, type BenchOptions } from './arguments.js';
import { balancingLines, measureBalancing } from './balancing.js';
import { benchmark } from './benchmark.js';
import { edgeLines, measureEdge } from './edge.js';
import { floorLines, measureFloor } from './floor.js';
import { liveCostLines, measureLiveCost } from './live-cost.js';
import { pagingSvg } from './paging-chart.js';
import { profileCases } from './profile-cases.js';
import { measureStartup, startupLines } from './startup.js';
import { markdownText, terminalText } from './tables.js';

const EXIT = { done: 0, failed: 1, usage: 2 } as const;

async function main(argv: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseArguments(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  try {
    if (options.liveCost === true) return await liveCost(options);
    if (options.edge === true) return await edge(options);
    if (options.floor === true) return await floor(options);
    if (options.startup === true) return await startup(options);
    if (options.balancing === true) return await balancing(options);
    return options.profile === undefined ? await measured(options) : await profiled(options, options.profile);
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.failed;
  }
}

async function measured(options: BenchOptions): Promise<number> {
  const report = await benchmark(options);
  process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : terminalText(report)}\n`);
  if (options.markdown !== undefined) await writeFile(options.markdown, markdownText(report));
  if (options.chart !== undefined && report.paging !== null) await writeFile(options.chart, pagingSvg(report.paging));
  const reached = report.marks.every(({ verdict }) => verdict === 'pass');
  if (report.failures.length > 0) return EXIT.failed;
  return options.checkMarks && !reached ? EXIT.failed : EXIT.done;
}

async function startup(options: BenchOptions): Promise<number> {
  const measured = await measureStartup(options);
  process.stdout.write(`${options.json ? JSON.stringify(measured, null, 2) : startupLines(measured).join('\n')}\n`);
  return EXIT.done;
}

async function edge(options: BenchOptions): Promise<number> {
  const costs = await measureEdge(options);
  process.stdout.write(`${options.json ? JSON.stringify(costs, null, 2) : edgeLines(costs).join('\n')}\n`);
  return EXIT.done;
}

async function floor(options: BenchOptions): Promise<number> {
  const measured = await measureFloor(options);
  process.stdout.write(`${options.json ? JSON.stringify(measured, null, 2) : floorLines(measured).join('\n')}\n`);
  return EXIT.done;
}

async function liveCost(options: BenchOptions): Promise<number> {
  const costs = await measureLiveCost(options);
  process.stdout.write(`${options.json ? JSON.stringify(costs, null, 2) : liveCostLines(costs).join('\n')}\n`);
  return EXIT.done;
}

async function balancing(options: BenchOptions): Promise<number> {
  const measured = await measureBalancing(options);
  const text = balancingLines(measured).join('\n');
  process.stdout.write(`${options.json ? JSON.stringify(measured, null, 2) : text}\n`);
  if (options.markdown !== undefined) await writeFile(options.markdown, `${text}\n`);
  return EXIT.done;
}

async function profiled(options: BenchOptions, folder: string): Promise<number> {
  const profiles = await profileCases(options, folder);
  const text = options.json ? JSON.stringify(profiles, null, 2) : profiles.map(({ summary }) => summary).join('\n');
  process.stdout.write(`${text}\n`);
  return EXIT.done;
}

process.exitCode = await main(process.argv.slice(2));
