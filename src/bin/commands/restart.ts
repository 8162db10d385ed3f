import { addCluster, type ClusterOptions } from '../arguments.js';
import { example, perform, type Register } from '../command.js';

export const registerRestart: Register = (program) => {
  addCluster(program.command('restart').argument('<node>', 'its name, such as n2'))
    .description('start a node again with its data, stopping it first where it runs')
    .addHelpText('after', example('restart n2', 'restart n2 --json'))
    .action((id: string, options: ClusterOptions) =>
      perform(options, async (output) => (await import('../node-control.js')).restartNode(id, options, output)),
    );
};
