import { InvalidArgumentError, type Command } from 'commander';
import type { DiskFault } from '../../ports/chaos.js';
import { addCluster, type ClusterOptions } from '../arguments.js';
import { example, perform } from '../command.js';
import { parseDuration } from '../duration.js';

const PPM_OF_PERCENT = 10_000;

/** Adds `skew` and `disk` to the command `chaos`. */
export function addChaosNode(chaos: Command): void {
  addCluster(
    chaos
      .command('skew')
      .argument('<node>', 'its name, such as n2')
      .argument('<offset>', 'such as +1h or -500ms; 0: right', parseOffset),
  )
    .description('set the clock of a node wrong by so much; its monotonic time and the other nodes stay as they are')
    .option('--drift <percent>', 'how much too fast it then runs, such as 5% or -1%', parseDrift)
    .addHelpText('after', example('chaos skew n2 +1h', 'chaos skew n2 0 --drift 5%', 'chaos skew n2 0 --json'))
    .action((id: string, offsetMs: number, options: ClusterOptions & { readonly drift?: number }) =>
      perform(options, async (output) => {
        const fault = { offsetMs, driftPpm: options.drift ?? 0 };
        return (await import('../chaos-node.js')).skewClock(id, fault, options, output);
      }),
    );
  addCluster(
    chaos
      .command('disk')
      .argument('<node>', 'its name, such as n2')
      .argument('<state>', 'stalled; a time such as 200ms that every write takes longer; or healthy', parseDisk),
  )
    .description('let the disk of a node stand still or be slow: writes wait in memory, unsynced and unanswered')
    .addHelpText('after', example('chaos disk n2 stalled', 'chaos disk n2 200ms', 'chaos disk n2 healthy --json'))
    .action((id: string, fault: DiskFault, options: ClusterOptions) =>
      perform(options, async (output) => (await import('../chaos-node.js')).changeDisk(id, fault, options, output)),
    );
}

function parseOffset(text: string): number {
  if (/^[+-]?0(ms|s)?$/.test(text)) return 0;
  const ms = parseDuration(text.replace(/^[+-]/, ''));
  return text.startsWith('-') ? -ms : ms;
}

function parseDrift(text: string): number {
  const percent = Number(/^([+-]?\d+(?:\.\d+)?)%?$/.exec(text)?.[1]);
  if (Number.isFinite(percent) && Math.abs(percent) <= 100) return percent * PPM_OF_PERCENT;
  throw new InvalidArgumentError('It must be a share such as 5% or -1%.');
}

function parseDisk(text: string): DiskFault {
  if (text === 'healthy') return { stalled: false, writeDelayMs: 0 };
  return text === 'stalled'
    ? { stalled: true, writeDelayMs: 0 }
    : { stalled: false, writeDelayMs: parseDuration(text) };
}
