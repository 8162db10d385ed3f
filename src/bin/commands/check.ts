import { addJson, wholeNumber } from '../arguments.js';
import type { CheckFileOptions } from '../check.js';
import { example, perform, type Register } from '../command.js';

/** More home replicas than a key can have are no ground to judge a receipt by. */
const REPLICAS_MAX = 9;

const EXIT_CODES_OF_CHECK = `
A history is judged, and nothing is sent, so that these exit codes are its own:
  0  every checker found it valid
  1  at least one checker refuted it
  2  the file cannot be read as a history
  3  not refuted, but too hard to decide within the budget`;

export const registerCheck: Register = (program) => {
  addJson(
    program.command('check').argument('<file>', 'a history: NDJSON, or a register log of Jepsen; "-": standard input'),
  )
    .description('judge a recorded history: linearizability, lost writes, sessions, receipts and more')
    .option('--replicas <n>', 'home replicas of a key, to judge receipts by', wholeNumber(1, REPLICAS_MAX))
    .option(
      '--budget <n>',
      'states searched for each key before it is undecided',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--html <file>', 'write the timeline of the first counterexample as a page')
    .addHelpText('after', EXIT_CODES_OF_CHECK)
    .addHelpText('after', example('check history.ndjson --replicas 3', 'check etcd_000.log --html counterexample.html'))
    .action((file: string, options: CheckFileOptions) =>
      perform(options, async (output) => (await import('../check.js')).checkFile(file, options, output)),
    );
};
