import { NODES_MAX } from '../../../cluster/topology.js';
import { addCluster, parseClientLimit, parsePolicy, share, wholeNumber } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import type { UpOptions } from '../up.js';

const port = wholeNumber(1, 65_535);

export const registerUp: Register = (program) => {
  addCluster(program.command('up'))
    .description('start a cluster on this machine: a new one, or the one whose data is there')
    .option('--nodes <number>', 'node processes (default: 3)', wholeNumber(1, NODES_MAX))
    .option('--replicas <number>', 'home replicas of each key (default: 3)', wholeNumber(1, NODES_MAX))
    .option('--policy <policy>', 'PC/EC, PC/EL, PA/EC or PA/EL (default: PC/EC)', parsePolicy)
    .option(
      '--counterfactuals <share>',
      'share of requests, 0 to 1, whose cost at the other levels is found out (default: 0.01; npm start: 0.2)',
      share,
    )
    .option(
      '--client-limit <rate[:burst]>',
      'requests a second that each node allows each client, and at once (default: no limit)',
      parseClientLimit,
    )
    .option('--folder <folder>', 'where cluster.json and the data live (default: .fulcrum)')
    .option('--grpc-port <port>', 'first gRPC port of a new cluster (default: 7401)', port)
    .option('--http-port <port>', 'first HTTP port of a new cluster (default: 7501)', port)
    .option('--no-console', 'do not serve the console, the live page of this cluster (never with --detach)')
    .option('--console-port <port>', 'port of the console (default: the first free one from 7600)', port)
    .option(
      '--console-host <host>',
      'name or address of this machine, to let others use the console (default: 127.0.0.1)',
    )
    .option('--chaos', 'put a proxy into every link, for `fulcrum chaos` and the console (npm start does)')
    .option('--direct', 'no proxies, also where --chaos is given: npm start -- --direct')
    .option('--detach', 'return once every node is ready, leaving them running')
    .addHelpText('after', example('up', 'up --nodes 5 --policy PA/EL', 'up --detach --json', 'up --chaos'))
    .action((options: UpOptions) => perform(options, async (output) => (await import('../up.js')).up(options, output)));
};
