import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { join } from 'node:path';
import { root } from './root.mjs';

const cli = join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');

/** Runs AVA with its usual output passed through live, and counts its results from that output.
 * @param {string[]} selection file patterns and options for AVA
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runAva(selection) {
  const env = process.stdout.isTTY ? { FORCE_COLOR: '1', ...process.env } : process.env;
  const ava = spawn(process.execPath, [cli, ...selection], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const finished = new Promise((resolve, reject) => ava.once('error', reject).once('close', resolve));
  const endWithAva = () => ava.kill('SIGTERM');
  const letAvaReport = () => undefined; // the terminal has sent the Ctrl-C to AVA too
  process.on('SIGTERM', endWithAva).on('SIGINT', letAvaReport);
  const tally = new AvaTally();
  for await (const line of createInterface({ input: ava.stdout })) {
    process.stdout.write(`${line}\n`);
    tally.add(stripVTControlCharacters(line));
  }
  const exitCode = await finished;
  process.off('SIGTERM', endWithAva).off('SIGINT', letAvaReport);
  return tally.result(exitCode === 0);
}

/**
 * AVA marks each test on its own line, indented by two, and sums up below a rule. Its summary leaves out the number
 * of passed tests as soon as one failed, hence the marks; where it does give the number, the two must agree.
 */
export class AvaTally {
  passed = 0;
  failed = 0;
  skipped = 0;
  summing = false;
  /** @type {number | undefined} */
  passedBySummary = undefined;

  /** @param {string} line without colours */
  add(line) {
    if (/^ {2}─$/.test(line)) this.summing = true;
    if (this.summing) {
      const summary = /^ {2}(\d+) tests? passed$/.exec(line);
      if (summary) this.passedBySummary = Number(summary[1]);
    } else if (/^ {2}[✔√] /.test(line)) this.passed += 1;
    else if (/^ {2}[✖×✘] /.test(line)) this.failed += 1;
    else if (/^ {2}- \[skip\] /.test(line)) this.skipped += 1;
  }

  /** @param {boolean} avaSucceeded */
  result(avaSucceeded) {
    const { passed, skipped, passedBySummary } = this;
    const agreed = avaSucceeded ? this.failed === 0 && passedBySummary === passed : this.failed > 0;
    return { passed, failed: agreed ? this.failed : Math.max(1, this.failed), skipped };
  }
}
