import { addCluster, type ClusterOptions } from '../arguments.js';
import { example, perform, type Register } from '../command.js';

export const registerStop: Register = (program) => {
  addCluster(program.command('stop').argument('<node>', 'its name, such as n2'))
    .description('stop a node cleanly')
    .addHelpText('after', example('stop n2', 'stop n2 --json'))
    .action((id: string, options: ClusterOptions) =>
      perform(options, async (output) => (await import('../node-control.js')).stopNode(id, options, output)),
    );
};
