import { addCluster, type ClusterOptions } from '../arguments.js';
import { example, perform, type Register } from '../command.js';

export const registerStatus: Register = (program) => {
  addCluster(program.command('status'))
    .description('show which nodes are up, ready and reach each other')
    .addHelpText('after', example('status', 'status --json'))
    .action((options: ClusterOptions) =>
      perform(options, async (output) => (await import('../status.js')).status(options, output)),
    );
};
