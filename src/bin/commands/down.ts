import { addCluster, type ClusterOptions } from '../arguments.js';
import { example, perform, type Register } from '../command.js';

export const registerDown: Register = (program) => {
  addCluster(program.command('down'))
    .description('stop every node of the cluster cleanly; the data stays')
    .addHelpText('after', example('down', 'down --cluster /srv/fulcrum/cluster.json --json'))
    .action((options: ClusterOptions) =>
      perform(options, async (output) => (await import('../down.js')).down(options, output)),
    );
};
