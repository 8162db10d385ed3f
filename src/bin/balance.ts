/** `fulcrum balance`: an L4 balancer in front of a cluster, until it is told to stop. */
import { parseAddress } from '../../cluster/topology.js';
import { systemRandom } from '../adapters/system-random.js';
import { L4_DRAIN_MS } from '../core/defaults.js';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import { endpointText, type L4Backend } from '../edge/l4-backend.js';
import { L4Balancer, type L4Event } from '../edge/l4-balancer.js';
import type { L4Strategy } from '../edge/l4-strategy.js';
import type { ClusterOptions } from './arguments.js';
import { eventLine, startedLines, stoppedLines } from './balance-view.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { locateCluster } from './located-cluster.js';
import type { Output } from './output.js';
import { listening } from './start-failure.js';

export interface BalanceOptions extends ClusterOptions {
  readonly nodes?: readonly string[] | undefined;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly strategy: L4Strategy;
  readonly maxConnections: number;
  /** In milliseconds. */
  readonly drain?: number | undefined;
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function balance(options: BalanceOptions, output: Output): Promise<ExitCode> {
  const { host, port, strategy, drain = L4_DRAIN_MS } = options;
  const backends = await backendsOf(options);
  const starting = L4Balancer.start({
    ...{ host, port, strategy, backends, random: () => systemRandom.unit() },
    connectionsMax: options.maxConnections,
    onEvent: (event) => tell(event, output),
  });
  const balancer = await listening('balancer', endpointText({ host, port }), starting);
  const address = endpointText({ host, port: balancer.port });
  const { nodes } = balancer.stats();
  say(
    output,
    { event: 'listening', address, strategy, nodes },
    startedLines({ address, strategy, backends, nodes }, output.style),
  );
  const signal = await untilTold(() => balancer.cut());
  say(output, { event: 'stopping', signal, drainMs: drain }, [
    `Draining for ${drain / 1_000} s at most; Ctrl-C again cuts.`,
  ]);
  await balancer.stop(drain);
  const stats = balancer.stats();
  say(output, { event: 'stopped', stats }, stoppedLines(stats, output.style));
  return EXIT.done;
}

/** The nodes themselves: where clients are sent may be this very balancer. Throws INVALID_ARGUMENT. */
async function backendsOf(options: BalanceOptions): Promise<L4Backend[]> {
  if (options.nodes !== undefined) {
    const names = new Set(options.nodes);
    if (names.size === options.nodes.length) return [...names].map((name) => ({ name, address: parseAddress(name)! }));
    throw new FulcrumError(invalidArgument('--nodes names an address twice; each may be given once.'));
  }
  const { topology } = await locateCluster(options);
  return topology.nodes.map(({ id, address, http }) => ({
    name: id,
    address: parseAddress(address)!,
    http: parseAddress(http)!,
  }));
}

function tell(event: L4Event, output: Output): void {
  if (output.json) process.stdout.write(`${JSON.stringify(event)}\n`);
  else output.note(eventLine(event, output.noteStyle));
}

/** One line of JSON, or the lines for a person. */
function say(output: Output, document: object, lines: readonly string[]): void {
  if (output.json) process.stdout.write(`${JSON.stringify(document)}\n`);
  else output.lines(...lines);
}

/** Resolves at the first signal, with its name; further ones do not wait for the end of the drain. */
function untilTold(again: () => void): Promise<string> {
  return new Promise((resolve) => {
    let isTold = false;
    for (const signal of STOP_SIGNALS) {
      process.on(signal, () => {
        if (isTold) return again();
        isTold = true;
        resolve(signal);
      });
    }
  });
}
