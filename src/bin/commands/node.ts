import { Option } from 'commander';
import { addJson } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import { EXIT } from '../exit-codes.js';

interface NodeCommandOptions {
  readonly config: string;
  readonly id: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly json?: boolean;
}

export const registerNode: Register = (program) => {
  const level = new Option('--log-level <level>', 'least level that is logged').choices([
    'debug',
    'info',
    'warn',
    'error',
  ]);
  addJson(program.command('node'))
    .description('run one node of a cluster that a file describes, in the foreground, logging to standard error')
    .requiredOption('--config <file>', 'cluster file: the same on every machine')
    .requiredOption('--id <node>', "this node's id in that file")
    .addOption(level.default('info'))
    .addHelpText('after', example('node --config cluster.json --id n2'))
    .action((options: NodeCommandOptions) =>
      perform(options, async (output) => {
        const { runNode } = await import('../run-node.js');
        const node = await runNode({ configFile: options.config, id: options.id, logLevel: options.logLevel });
        output.result({ node: node.id, pid: process.pid, address: node.address, http: node.http });
        await node.ended;
        return EXIT.done;
      }),
    );
};
