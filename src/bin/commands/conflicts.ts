import { addNodes, wholeNumber } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import type { ListConflictsOptions } from '../conflicts.js';

const WHAT = `
Under PA both sides of a partition take writes. When they meet again the highest ballot wins; what was acknowledged and
lost is kept here for 7 days, values up to 4 KiB each. "certain": the winner did not know the lost write; "possible":
nothing tells, as for a write whose key has been written many times since.`;

export const registerConflicts: Register = (program) => {
  addNodes(program.command('conflicts'))
    .description('list acknowledged writes that the merge after a partition discarded')
    .option('--limit <number>', 'conflicts at most (default: 1000)', wholeNumber(1, 1_000_000))
    .addHelpText('after', WHAT)
    .addHelpText('after', example('conflicts', 'conflicts --json | jq .conflicts[].key'))
    .action((options: ListConflictsOptions) =>
      perform(options, async (output) => (await import('../conflicts.js')).listConflicts(options, output)),
    );
};
