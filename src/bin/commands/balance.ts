import { Option } from 'commander';
import { L4_CONNECTIONS_MAX, L4_DRAIN_MS, L4_PORT } from '../../core/defaults.js';
import { L4_STRATEGIES } from '../../edge/l4-strategy.js';
import { addCluster, parseAddresses, wholeNumber } from '../arguments.js';
import type { BalanceOptions } from '../balance.js';
import { example, perform, type Register } from '../command.js';
import { parseDuration } from '../duration.js';

const CONNECTIONS_LIMIT = 1_000_000;

export const registerBalance: Register = (program) => {
  addCluster(program.command('balance'))
    .description('listen on one port and hand whole TCP connections (L4) to nodes that are ready, until told to stop')
    .option('--nodes <addresses>', 'gRPC addresses host:port,… to use instead of a cluster file', parseAddresses)
    .option('--port <port>', 'where to listen; 0: any free one', wholeNumber(0, 65_535), L4_PORT)
    .option('--host <host>', 'name or address of this machine, to let others connect', '127.0.0.1')
    .addOption(
      new Option('--strategy <name>', 'which node gets a connection').choices(L4_STRATEGIES).default(L4_STRATEGIES[0]),
    )
    .option(
      '--max-connections <number>',
      'open at once; further ones are closed at once',
      wholeNumber(1, CONNECTIONS_LIMIT),
      L4_CONNECTIONS_MAX,
    )
    .option(
      '--drain <duration>',
      `how long open connections may go on once it is told to stop (default: ${L4_DRAIN_MS / 1_000}s)`,
      parseDuration,
    )
    .addHelpText(
      'after',
      example('balance', 'balance --port 0 --strategy round-robin', 'balance --nodes a:7401,b:7401'),
    )
    .addHelpText('after', '\nWith --json each event is one line; the last one has the counts.')
    .action((options: BalanceOptions) =>
      perform(options, async (output) => (await import('../balance.js')).balance(options, output)),
    );
};
