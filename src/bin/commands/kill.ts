import { addCluster, type ClusterOptions } from '../arguments.js';
import { example, perform, type Register } from '../command.js';

export const registerKill: Register = (program) => {
  addCluster(program.command('kill').argument('<node>', 'its name, such as n2'))
    .description('end a node at once with SIGKILL, as a crash would')
    .addHelpText('after', example('kill n2', 'kill n2 --json'))
    .action((id: string, options: ClusterOptions) =>
      perform(options, async (output) => (await import('../node-control.js')).killNode(id, options, output)),
    );
};
