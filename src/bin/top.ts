/** `fulcrum top`: what happens in a cluster, each second, until it is told to stop. */
import { clientTls } from '../../cluster/tls-files.js';
import { waitUntil } from '../../cluster/wait.js';
import { ClusterWatch, type ClusterWatchOptions } from '../adapters/cluster-watch.js';
import { systemClock } from '../adapters/system-clock.js';
import { LIVE_PERIOD_MS } from '../core/defaults.js';
import { FulcrumError } from '../core/errors.js';
import type { ClientOptions } from './arguments.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { givenTls, locateCluster } from './located-cluster.js';
import type { Output } from './output.js';
import { LiveScreen } from './live-screen.js';
import { topView } from './top-view.js';

export interface TopOptions extends ClientOptions {
  readonly once?: boolean | undefined;
}

/** A node tells once a second; one that says nothing for longer does not answer. */
const FIRST_SAMPLES_MS = 4 * LIVE_PERIOD_MS;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function top(options: TopOptions, output: Output): Promise<ExitCode> {
  const watch = new ClusterWatch({ ...(await nodesOf(options)), clock: systemClock });
  try {
    await waitUntil(() => watch.isWhole, FIRST_SAMPLES_MS);
    if (options.once === true) return showOnce(watch, output);
    await showUntilTold(watch, output);
    return EXIT.done;
  } finally {
    watch.stop();
  }
}

async function nodesOf(options: TopOptions): Promise<Omit<ClusterWatchOptions, 'clock'>> {
  const given = await givenTls(options);
  if (options.nodes !== undefined) return { nodes: options.nodes.map((address) => ({ address })), tls: given };
  const cluster = await locateCluster(options);
  // The node itself: what clients are given may be a proxy that is cut, or a balancer that leads anywhere.
  const nodes = cluster.topology.nodes.map(({ id, address }) => ({ id, address }));
  return { nodes, tls: given ?? (await clientTls(cluster)) };
}

function showOnce(watch: ClusterWatch, output: Output): ExitCode {
  const live = watch.now();
  if (live.policy === undefined) {
    const addresses = live.nodes.map(({ address }) => address).join(', ');
    const message = `No node answers at ${addresses}. Start the cluster with: npx fulcrum up`;
    throw new FulcrumError({ code: 'UNAVAILABLE', message, definite: true, retryable: true });
  }
  output.result(live, ...topView(live, output.style));
  return EXIT.done;
}

async function showUntilTold(watch: ClusterWatch, output: Output): Promise<void> {
  const screen = output.json ? undefined : new LiveScreen(process.stdout, process.stdin);
  const show = (): void => {
    const live = watch.now();
    if (screen === undefined) process.stdout.write(`${JSON.stringify(live)}\n`);
    else screen.draw(topView(live, output.style));
  };
  show();
  const timer = setInterval(show, LIVE_PERIOD_MS);
  try {
    await new Promise<void>((resolve) => {
      for (const signal of STOP_SIGNALS) process.once(signal, resolve);
      screen?.onQuit(resolve);
    });
  } finally {
    clearInterval(timer);
    screen?.close();
  }
}
