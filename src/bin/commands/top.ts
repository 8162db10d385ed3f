import { addNodes } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import type { TopOptions } from '../top.js';

export const registerTop: Register = (program) => {
  addNodes(program.command('top'), 'of the nodes to watch instead of a cluster file')
    .description('show each second what happens: nodes, links, every level, and what the other levels would have given')
    .option('--once', 'print one second and end')
    .addHelpText('after', example('top', 'top --once', 'top --json | head -5'))
    .addHelpText('after', '\nWith --json each second is one line. On a terminal, q ends it.')
    .action((options: TopOptions) =>
      perform(options, async (output) => (await import('../top.js')).top(options, output)),
    );
};
