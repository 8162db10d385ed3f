import { Option, type Command } from 'commander';
import { addJson, parsePolicy, wholeNumber } from '../arguments.js';
import type { ChaosRunOptions } from '../chaos-run.js';
import { example, perform } from '../command.js';

const SECONDS_MAX = 3_600;

const EXIT_CODES_OF_RUN = `
A run is judged, so that these exit codes are its own:
  0  every promise held
  1  a promise was broken
  2  wrong usage, or the scenario cannot be read
  3  not refuted, but not decided either, or no fault took effect`;

const SCENARIO_FILES = `
A scenario is a file of lines such as these; what is wrong with one is told with its number:
  title My own
  policy PC/EC PA/EL                      one run for each; "each": all four
  workload register counters              register, counters, deletes, sessions, latency
  nodes 3
  seconds 60                              --seconds stretches all times
  at 10s for 20s  partition n1 | n2 n3    taken back after "for", else by "heal" or the end
  from 35s to 50s every 4s for 1s  pause n2
  at 55s  heal
Actions:
  partition EXPRESSION (as \`chaos partition --help\` says), latency n1 n2 100ms [jitter 20ms],
  bandwidth n1 n2 50KB/s, resets n1 n2, kill n1, pause n1, restart n1, skew n1 +1h, drift n1 +5%,
  slow-disk n1 200ms, stall-disk n1, power-cut n1, policy PA/EC, heal`;

/** Adds `run`, `scenarios` and `sdk` to the command `chaos`. */
export function addChaosRun(chaos: Command): void {
  addJson(chaos.command('run').argument('<scenario>', 'one of `fulcrum chaos scenarios`, or a file of your own'))
    .description('start a cluster, run a workload while faults come and go, and judge what happened')
    .option('--policy <policy>', "PC/EC, PC/EL, PA/EC or PA/EL (default: each of the scenario's)", parsePolicy)
    .option(
      '--seconds <n>',
      "how long; the scenario's times are stretched to it (default: its own)",
      wholeNumber(5, SECONDS_MAX),
    )
    .option('--seed <n>', 'what the callers do (default: 7)', wholeNumber(0, 2 ** 31 - 1))
    .option('--report <folder>', 'where the report goes (default: fulcrum-chaos)')
    .addOption(
      new Option(
        '--toxiproxy <which>',
        'carries the links (default: the installed one, else the embedded one)',
      ).choices(['installed', 'embedded']),
    )
    .addHelpText('after', SCENARIO_FILES)
    .addHelpText('after', EXIT_CODES_OF_RUN)
    .addHelpText(
      'after',
      example('chaos run split-brain --policy PA/EL --seconds 30', 'chaos run ./my.scenario --json'),
    )
    .action((scenario: string, options: ChaosRunOptions & { json?: boolean }) =>
      perform(options, async (output) => (await import('../chaos-run.js')).chaosRun(scenario, options, output)),
    );
  addJson(chaos.command('scenarios'))
    .description('list the scenarios that `chaos run` knows')
    .addHelpText('after', example('chaos scenarios'))
    .action((options: { json?: boolean }) =>
      perform(options, async (output) => (await import('../chaos-run.js')).listScenarios(output)),
    );
  addJson(chaos.command('sdk'))
    .description(
      'compare clients with and without breakers and hedging, while one node is slow, dead, flapping or mute',
    )
    .option('--seed <n>', 'what the callers do (default: 7)', wholeNumber(0, 2 ** 31 - 1))
    .addHelpText('after', EXIT_CODES_OF_RUN)
    .addHelpText('after', example('chaos sdk', 'chaos sdk --json'))
    .action((options: { seed?: number; json?: boolean }) =>
      perform(options, async (output) => (await import('../chaos-sdk.js')).chaosSdk(options, output)),
    );
}
