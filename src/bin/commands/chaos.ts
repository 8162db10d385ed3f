import { Argument, type Command } from 'commander';
import type { ChaosControls } from '../../../chaos/chaos-controls.js';
import { addCluster, wholeNumber, type ClusterOptions } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import { parseDuration } from '../duration.js';
import type { Output } from '../output.js';
import { addChaosNode } from './chaos-node.js';
import { addChaosRun } from './chaos-run.js';

const KB_PER_SECOND_MAX = 10_000_000;
const PARTIES = 'a node, `clients` for all clients, or `*` for every node';

/** Each adds one command to `fulcrum chaos`. */
const SUBCOMMANDS: readonly Register[] = [
  (chaos) =>
    addCluster(chaos.command('partition').argument('<expression>', 'who does not reach whom'))
      .description('cut the network as the expression says, instead of as it was cut before')
      .addHelpText('after', EXPRESSIONS)
      .addHelpText(
        'after',
        example('chaos partition "n1 | n2 n3"', 'chaos partition "n1 > n2"', 'chaos partition "isolate n2" --json'),
      )
      .action((expression: string, options: ClusterOptions) =>
        network(options, (controls) => controls.partition(expression)),
      ),
  (chaos) =>
    addCluster(addParties(chaos.command('latency')).argument('<time>', 'such as 100ms; 0ms: none', parseDelay))
      .description('delay data from one to the other')
      .option('--jitter <time>', 'up to this much more or less, such as 20ms', parseDelay)
      .addHelpText('after', example('chaos latency n1 n2 100ms', 'chaos latency "*" "*" 20ms --jitter 5ms --json'))
      .action((from: string, to: string, ms: number, options: ClusterOptions & { readonly jitter?: number }) =>
        network(options, (controls) => controls.latency({ from, to, ms, jitterMs: options.jitter })),
      ),
  (chaos) =>
    addCluster(
      addParties(chaos.command('bandwidth')).argument(
        '<rate>',
        'KB/s for each connection',
        wholeNumber(1, KB_PER_SECOND_MAX),
      ),
    )
      .description('limit the rate of data from one to the other')
      .addHelpText('after', example('chaos bandwidth n1 n2 100', 'chaos bandwidth clients n1 50 --json'))
      .action((from: string, to: string, kbPerSecond: number, options: ClusterOptions) =>
        network(options, (controls) => controls.bandwidth({ from, to, kbPerSecond })),
      ),
  (chaos) =>
    addCluster(addParties(chaos.command('resets')))
      .description('break every connection that carries data from one to the other')
      .addHelpText('after', example('chaos resets n1 n2', 'chaos resets clients n1 --json'))
      .action((from: string, to: string, options: ClusterOptions) =>
        network(options, (controls) => controls.resets({ from, to })),
      ),
  (chaos) =>
    addNode(chaos, 'kill')
      .description('end a node at once with SIGKILL, as a crash would')
      .action((id: string, options: ClusterOptions) =>
        perform(options, async (output) => (await import('../node-control.js')).killNode(id, options, output)),
      ),
  (chaos) =>
    addNode(chaos, 'pause')
      .description('let a node stand still with SIGSTOP: it keeps its connections and answers nothing')
      .action((id: string, options: ClusterOptions) =>
        perform(options, async (output) => (await import('../chaos.js')).pauseNode(id, options, output)),
      ),
  (chaos) =>
    addNode(chaos, 'resume')
      .description('let a paused node go on')
      .action((id: string, options: ClusterOptions) =>
        perform(options, async (output) => (await import('../chaos.js')).resumeNode(id, options, output)),
      ),
  (chaos) =>
    addCluster(chaos.command('heal'))
      .description('take every fault back: join the network, resume and start nodes, set clocks and disks right')
      .addHelpText('after', example('chaos heal', 'chaos heal --json'))
      .action((options: ClusterOptions) =>
        perform(options, async (output) => (await import('../chaos.js')).heal(options, output)),
      ),
  (chaos) =>
    addCluster(chaos.command('status'))
      .description('show the faults in force, and which Toxiproxy carries the links')
      .addHelpText('after', example('chaos status', 'chaos status --json'))
      .action((options: ClusterOptions) =>
        perform(options, async (output) => (await import('../chaos.js')).chaosStatus(options, output)),
      ),
];

const EXPRESSIONS = `
Expressions, several with commas between them:
  n1 | n2 n3     sides that do not reach each other
  n1 > n2        nothing gets from n1 to n2; the other way it does
  isolate n2     n2 reaches no other node, and none reaches it
  bridge n3      the others fall into two halves that only n3 reaches
  ring           every node reaches its two neighbours only
\`clients\` stands for all clients: clients > n1`;

export const registerChaos: Register = (program) => {
  const chaos = program
    .command('chaos')
    .description('cut, slow, kill and pause a cluster that was started with up --chaos, heal it, and run scenarios')
    .helpCommand(false)
    .addHelpText(
      'after',
      example('up --chaos --detach', 'chaos partition "n1 | n2 n3"', 'chaos heal', 'chaos run split-brain'),
    );
  for (const register of SUBCOMMANDS) register(chaos);
  addChaosNode(chaos);
  addChaosRun(chaos);
};

async function network(options: ClusterOptions, change: (controls: ChaosControls) => Promise<void>): Promise<void> {
  await perform(options, async (output: Output) =>
    (await import('../chaos.js')).changeNetwork(options, output, change),
  );
}

function addParties(command: Command): Command {
  return command
    .addArgument(new Argument('<from>', `who sends: ${PARTIES}`))
    .addArgument(new Argument('<to>', 'who receives'));
}

function addNode(chaos: Command, name: string): Command {
  return addCluster(chaos.command(name).argument('<node>', 'its name, such as n2')).addHelpText(
    'after',
    example(`chaos ${name} n2`, `chaos ${name} n2 --json`),
  );
}

function parseDelay(text: string): number {
  return /^0(ms|s)?$/.test(text) ? 0 : parseDuration(text);
}
