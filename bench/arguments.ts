/** What the command line of the benchmark may hold. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { NODES_MAX } from '../cluster/topology.js';
import { VALUE_BYTES_MAX } from '../src/core/defaults.js';
import { isPolicy, POLICIES, type Policy } from '../src/core/policy.js';
import { DISTRIBUTIONS, type Distribution } from './key-picks.js';
import type { Selection } from './plan.js';
import { isWorkloadName, WORKLOAD_NAMES, type WorkloadName } from './workloads.js';

export interface BenchOptions {
  readonly selection: Selection;
  /** Of each measure, warm-up not counted. */
  readonly seconds: number;
  readonly keys: number;
  readonly nodes: number;
  readonly replicas: number | undefined;
  readonly policy: Policy | undefined;
  readonly seed: number;
  readonly json: boolean;
  readonly markdown: string | undefined;
  readonly profile: string | undefined;
  /** Pages by offset and by cursor, and nothing else. */
  readonly paging?: boolean;
  /** What watching a client costs, and nothing else. */
  readonly watching?: boolean;
  /** Where the chart of pages goes. */
  readonly chart?: string;
  /** What it costs the nodes to be watched and to sample, and nothing else. */
  readonly liveCost?: boolean;
  /** What the gateway's cache saves, and nothing else. */
  readonly edge?: boolean;
  /** What streams and disks alone can do, and nothing else. */
  readonly floor?: boolean;
  /** How soon a node with many keys serves again, and nothing else. */
  readonly startup?: boolean;
  /** Whole connections through `fulcrum balance` beside the SDK's own balancing, and nothing else. */
  readonly balancing?: boolean;
  readonly checkMarks: boolean;
}

interface Parsed extends Omit<BenchOptions, 'selection'> {
  readonly full: boolean;
  readonly only?: readonly WorkloadName[];
  readonly distribution?: Distribution;
  readonly valueBytes?: readonly number[];
  readonly concurrency?: readonly number[];
}

const CONCURRENCY_MAX = 10_000;
const KEYS_MAX = 10_000_000;
const SECONDS_MAX = 600;

const EXAMPLES = `
Workloads: ${WORKLOAD_NAMES.join(', ')}.
The YCSB mixes use the default level of the policy.

Examples:
  npm run bench
  npm run bench -- --only get-one,put-quorum --concurrency 16,256 --seconds 5
  npm run bench -- --only ycsb-a --value-bytes 1024 --policy PC/EL --json > result.json
  npm run bench -- --paging --chart pages.svg
  npm run bench -- --live-cost --seconds 4
  npm run bench -- --watching
  npm run bench -- --edge
  npm run bench -- --floor --seconds 5
  npm run bench -- --startup --keys 1000000
  npm run bench -- --balancing --markdown balancing.md
  npm run bench -- --profile profiles

Exit codes: 0 done, 1 something could not be measured (with --check-marks also: a mark was missed or not measured), 2 usage.
`;

/** Throws a CommanderError, having said on standard error what is wrong, or with exit code 0 after --help. */
export function parseArguments(argv: readonly string[], write?: (text: string) => void): BenchOptions {
  const command = bench();
  if (write !== undefined) command.configureOutput({ writeOut: write, writeErr: write });
  command.parse([...argv], { from: 'user' });
  const { full, only, distribution, valueBytes, concurrency, ...rest } = command.opts<Parsed>();
  return {
    ...rest,
    selection: { full, workloads: only, distribution, valueBytes, concurrency },
  };
}

function bench(): Command {
  return new Command('npm run bench --')
    .description(
      'Measures a real cluster of node processes on this machine: each workload in a closed loop, beside echoes of ' +
        'the same keys and values over the same kind of pipe, which are the ceiling of any request.',
    )
    .option('--full', 'every workload, distribution, value size and concurrency (about an hour)', false)
    .option('--only <names>', 'these workloads, separated by commas', listOf(workloadName))
    .option('--seconds <seconds>', 'length of each measure', number(0.1, SECONDS_MAX), 2)
    .option('--concurrency <numbers>', 'operations under way at once', listOf(whole(1, CONCURRENCY_MAX)))
    .option('--value-bytes <numbers>', 'sizes of the values', listOf(whole(1, VALUE_BYTES_MAX)))
    .addOption(new Option('--distribution <name>', 'how keys are chosen').choices(DISTRIBUTIONS))
    .option('--keys <number>', 'keys of each value size, fewer where values are large', whole(1, KEYS_MAX), 20_000)
    .option('--nodes <number>', 'nodes of the cluster', whole(1, NODES_MAX), 3)
    .option('--replicas <number>', 'home replicas of a key (default: 3, or all nodes)', whole(1, NODES_MAX))
    .option('--policy <policy>', `${POLICIES.join(', ')} (default: PC/EC)`, policy)
    .option('--seed <number>', 'repeats the same keys and values', whole(0, 2 ** 32 - 1), 1)
    .option('--check-marks', 'exit with 1 unless every mark is reached', false)
    .option('--json', 'print one JSON document on standard output', false)
    .option('--markdown <file>', 'also write the result as Markdown')
    .option('--paging', 'only what pages cost by their depth, by offset and by cursor (part of the usual run)')
    .option('--watching', 'only what it costs a client to be counted, hooked and listened to (part of the usual run)')
    .option('--chart <file>', 'also draw what pages cost, as SVG')
    .option('--live-cost', 'only what it costs the nodes to be watched live and to sample counterfactual reads')
    .option('--edge', "only what the gateway's cache saves: reads given by it, validated, and fetched")
    .option('--floor', 'only puts and reads at QUORUM beside what the same streams and disks can do without a store')
    .option('--startup', 'only how soon a node that was killed with --keys keys serves again')
    .option('--balancing', "only fulcrum balance (L4) beside the SDK's own balancing (L7), also while a node is paused")
    .option('--profile <folder>', 'instead of measuring, record where each process spends its time')
    .helpOption('--help', 'print this help')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride();
}

function number(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

function listOf<T>(parse: (text: string) => T): (text: string) => readonly T[] {
  return (text) => [...new Set(text.split(',').map((part) => parse(part.trim())))];
}

function workloadName(text: string): WorkloadName {
  if (isWorkloadName(text)) return text;
  throw new InvalidArgumentError(`${JSON.stringify(text)} is none of ${WORKLOAD_NAMES.join(', ')}.`);
}

function policy(text: string): Policy {
  const name = text.toUpperCase();
  if (isPolicy(name)) return name;
  throw new InvalidArgumentError(`It must be one of ${POLICIES.join(', ')}.`);
}
