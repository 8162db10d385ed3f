import { InvalidArgumentError, Option } from 'commander';
import { GATEWAY_PORT_FIRST } from '../../core/defaults.js';
import { addClient, wholeNumber } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import { parseDuration } from '../duration.js';
import type { GatewayCommandOptions } from '../gateway.js';

const PORT_MAX = 65_535;
const MEBIBYTES_MAX = 1_024 * 1_024;

export const registerGateway: Register = (program) => {
  addClient(program.command('gateway'))
    .description('serve the cluster over HTTP: keys with ETags behind a cache, pages, idempotent PUT and POST')
    .option('--port <number>', `where to listen, 0: any (default: the first free from ${GATEWAY_PORT_FIRST} on)`, port)
    .option('--host <address>', 'address to listen on; anything but this machine serves others too', '127.0.0.1')
    .option('--allow-host <name>', 'a further name under which it answers, such as of a proxy in front', collect)
    .addOption(duration('--max-age', 'how long a value is given without asking the cluster').default(1_000, '1s'))
    .addOption(duration('--stale-while-revalidate', 'how much longer, while it is asked for again behind').default(0))
    .addOption(duration('--stale-if-error', 'how much longer, where the cluster cannot answer').default(0))
    .option('--cache-size <mebibytes>', 'what the cache may hold', wholeNumber(1, MEBIBYTES_MAX), 64)
    .addHelpText(
      'after',
      example(
        'gateway',
        'gateway --port 8080 --max-age 10s --stale-while-revalidate 30s --stale-if-error 1h',
        'gateway --nodes 10.0.0.1:7401,10.0.0.2:7401 --host 0.0.0.0 --allow-host kv.example --json',
      ),
    )
    .addHelpText(
      'after',
      '\nCursors and their seal: FULCRUM_CURSOR_SECRET, the same for all gateways, keeps others from making cursors up.\n' +
        'The page at / shows how the cache does. Ctrl-C ends it once the answers under way are given.',
    )
    .action((options: GatewayCommandOptions) =>
      perform(options, async (output) => (await import('../gateway.js')).gateway(options, output)),
    );
};

function port(text: string): number {
  return wholeNumber(0, PORT_MAX)(text);
}

function duration(name: string, what: string): Option {
  return new Option(`${name} <duration>`, what).argParser(age);
}

function age(text: string): number {
  try {
    return text === '0' ? 0 : parseDuration(text);
  } catch {
    throw new InvalidArgumentError('It must be 0, or a duration such as 500ms, 30s, 15m, 2h or 7d.');
  }
}

function collect(name: string, names: readonly string[] = []): readonly string[] {
  return [...names, name];
}
