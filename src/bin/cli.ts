/** The `fulcrum` command. */
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import type { Register } from './command.js';
import { registerBalance } from './commands/balance.js';
import { registerChaos } from './commands/chaos.js';
import { registerCheck } from './commands/check.js';
import { registerConflicts } from './commands/conflicts.js';
import { registerDel } from './commands/del.js';
import { registerDown } from './commands/down.js';
import { registerExport } from './commands/export.js';
import { registerGateway } from './commands/gateway.js';
import { registerGet } from './commands/get.js';
import { registerImport } from './commands/import.js';
import { registerKill } from './commands/kill.js';
import { registerNode } from './commands/node.js';
import { registerPolicy } from './commands/policy.js';
import { registerPut } from './commands/put.js';
import { registerRestart } from './commands/restart.js';
import { registerScan } from './commands/scan.js';
import { registerStatus } from './commands/status.js';
import { registerStop } from './commands/stop.js';
import { registerTop } from './commands/top.js';
import { registerTour } from './commands/tour.js';
import { registerUp } from './commands/up.js';
import { EXIT, EXIT_CODES_HELP } from './exit-codes.js';
import { Output } from './output.js';

const COMMANDS: readonly Register[] = [
  registerUp,
  registerTour,
  registerDown,
  registerStatus,
  registerTop,
  registerPolicy,
  registerConflicts,
  registerPut,
  registerGet,
  registerDel,
  registerScan,
  registerGateway,
  registerImport,
  registerExport,
  registerStop,
  registerKill,
  registerRestart,
  registerNode,
  registerBalance,
  registerCheck,
  registerChaos,
];

/** Without arguments: the help. */
async function main(argv: readonly string[]): Promise<void> {
  // Whoever reads our output may stop reading, as `head` does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed),
  );
  const program = createProgram();
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // --help and --version arrive here too, having printed what they had to.
    const isHelp = error.code === 'commander.help';
    if (error.exitCode !== 0 && !isHelp) new Output(argv.includes('--json')).failure(usageError(error));
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}

function createProgram(): Command {
  const program = new Command('fulcrum')
    .description('A distributed key-value store whose every answer says which guarantee it really gave.')
    .version(ownVersion(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  for (const register of COMMANDS) register(program);
  for (const command of program.commands) {
    command.copyInheritedSettings(program).addHelpText('after', EXIT_CODES_HELP);
    for (const one of command.commands) one.copyInheritedSettings(program).addHelpText('after', EXIT_CODES_HELP);
  }
  return program.addHelpText('after', EXIT_CODES_HELP);
}

function usageError(error: CommanderError): FulcrumError {
  const message = error.message.replace(/^error: /, '');
  const sentence = message.charAt(0).toUpperCase() + message.slice(1);
  return new FulcrumError(invalidArgument(`${sentence} (see fulcrum --help)`), { cause: error });
}

function ownVersion(): string {
  const found = createRequire(import.meta.url)('fulcrum-kv/package.json') as { version: string };
  return found.version;
}

await main(process.argv.slice(2));
