/** Composition root of the console: the cluster it shows, its clock, its token and its server. */
import { randomBytes } from 'node:crypto';
import type { ClusterFile } from '../../../cluster/cluster-file.js';
import { nextFreePort } from '../../../cluster/free-ports.js';
import { clientTls } from '../../../cluster/tls-files.js';
import { ClusterWatch } from '../../adapters/cluster-watch.js';
import { systemClock } from '../../adapters/system-clock.js';
import { Console } from '../../console/console.js';
import { startConsoleServer } from '../../console/console-server.js';
import type { LinkFaults } from '../../console/ports.js';
import { judge } from './judge.js';
import { observerOf, processFaultsOf } from './node-faults.js';
import { operatorOf } from './operator.js';
import { pinnedCaller, type PinnedCaller } from './pinned-caller.js';

export const CONSOLE_PORT_FIRST = 7600;
const TOKEN_BYTES = 24;

export interface StartConsoleOptions {
  readonly cluster: ClusterFile;
  /** Undefined where links are direct. */
  readonly links: LinkFaults | undefined;
  readonly host?: string | undefined;
  /** 0: any free one; by default the first free one from {@link CONSOLE_PORT_FIRST} on. */
  readonly port?: number | undefined;
}

export interface RunningConsole {
  /** Holds the token. */
  readonly url: string;
  close(): Promise<void>;
}

/** Rejects with the error of the socket where it cannot listen. */
export async function startConsole(options: StartConsoleOptions): Promise<RunningConsole> {
  const { cluster, links, host, port } = options;
  const { name, replicas, nodes } = cluster.topology;
  const callers: PinnedCaller[] = [];
  const tls = await clientTls(cluster);
  const operator = operatorOf(cluster, tls);
  const watched = nodes.map((node) => ({ node: node.id, address: node.address }));
  const watch = new ClusterWatch({ nodes: watched, clock: systemClock, tls });
  const console = new Console({
    cluster: {
      name,
      replicas,
      nodes,
      links,
      operator,
      live: () => watch.now(),
      observer: observerOf(cluster),
      processes: processFaultsOf(cluster),
      caller: (id) => {
        const caller = pinnedCaller(id, nodes.find((node) => node.id === id)!.address, tls);
        callers.push(caller);
        return caller;
      },
    },
    judge,
    clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
    random: () => Math.random(),
  });
  const server = await startConsoleServer({
    console,
    nodes: nodes.map(({ id }) => id),
    token: randomBytes(TOKEN_BYTES).toString('base64url'),
    host,
    port: port ?? (await nextFreePort(CONSOLE_PORT_FIRST, new Set())),
  });
  return {
    url: server.url,
    close: async () => {
      watch.stop();
      await server.close();
      await Promise.all([...callers, operator].map((each) => each.close()));
    },
  };
}
