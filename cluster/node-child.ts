/** One node process, started from here. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { folderOf, type ClusterFile } from './cluster-file.js';
import type { Exit } from './node-exit.js';
import { openLog } from './node-log.js';
import type { NodeTopology } from './topology.js';

const ENTRY = fileURLToPath(new URL('../src/bin/node-process.js', import.meta.url));

/** What is sent to a node that is to end: SIGCONT lets a paused one see the others. */
export type EndSignal = 'SIGTERM' | 'SIGKILL' | 'SIGCONT';

export interface NodeChild {
  readonly node: NodeTopology;
  /** Absolute. */
  readonly folder: string;
  readonly pid: number;
  /** How the process ended; undefined while it runs. */
  readonly exit: Exit | undefined;
  kill(signal: EndSignal): void;
  onExit(run: (exit: Exit) => void): void;
}

export interface SpawnOptions {
  /** The node ends when this process ends, however it ends. Otherwise it lives on by itself. */
  readonly withParent: boolean;
}

/**
 * Starts the process; what it logs goes to node.log in its data folder. It gets a session of its own, so that
 * a Ctrl-C in the terminal reaches only whoever started it, who then stops the nodes in order.
 */
export function spawnNode(cluster: ClusterFile, node: NodeTopology, options: SpawnOptions): NodeChild {
  const folder = folderOf(cluster, node);
  const log = openLog(folder);
  try {
    const args = [ENTRY, '--config', cluster.file, '--id', node.id];
    if (options.withParent) args.push('--with-parent');
    const child = spawn(process.execPath, args, {
      detached: true,
      stdio: [options.withParent ? 'pipe' : 'ignore', 'ignore', log],
    });
    // A forgotten cluster must not keep a finished program from ending; whoever waits for a node keeps a timer.
    child.unref();
    (child.stdin as { unref?: () => void } | null)?.unref?.();
    return watch(child, node, folder);
  } finally {
    closeSync(log);
  }
}

function watch(child: ChildProcess, node: NodeTopology, folder: string): NodeChild {
  const listeners: ((exit: Exit) => void)[] = [];
  let exit: Exit | undefined;
  const end = (how: Exit): void => {
    if (exit !== undefined) return;
    exit = how;
    for (const listener of listeners) listener(how);
  };
  child.on('exit', (code, signal) => end({ code, signal }));
  child.on('error', () => {
    if (child.pid === undefined) end({ code: 1, signal: null });
  });
  // The pipe only tells the node that this process lives; that it broke is reported by the exit.
  child.stdin?.on('error', () => undefined);
  return {
    node,
    folder,
    pid: child.pid ?? 0,
    get exit() {
      return exit;
    },
    kill: (signal) => void child.kill(signal),
    onExit: (run) => (exit === undefined ? void listeners.push(run) : run(exit)),
  };
}
