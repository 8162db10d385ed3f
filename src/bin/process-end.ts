/** What ends a node process: a signal, the end of its parent, a crash. */
import { NODE_EXIT } from '../../cluster/node-exit.js';
import type { Log } from '../ports/log.js';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Resolves at the first signal, with its name; a second one ends the process at once. */
export function endOnSignals(log: Log): Promise<string> {
  return new Promise((resolve) => {
    let told = false;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (told) {
          log.warn({ signal }, 'A second signal: ending at once');
          process.exit(NODE_EXIT.crashed);
        }
        told = true;
        resolve(signal);
      });
    }
  });
}

/** Resolves once standard input ends. The parent holds the other end, so that this happens however the parent ends. */
export function endWithParent(): Promise<string> {
  return new Promise((resolve) => {
    const gone = (): void => resolve('the parent process has ended');
    process.stdin.on('end', gone).on('close', gone).on('error', gone).resume();
  });
}

/** What nobody caught has left the process in an unknown state: say what it was, and end. */
export function reportCrashes(log: Log): void {
  const crash = (error: unknown): void => {
    log.error({ error }, 'The node crashed');
    process.exit(NODE_EXIT.crashed);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

/** A node may not answer for what it could not write; what it acknowledged before is on the disk. */
export function endAfterDiskFailure(log: Log, error: Error): never {
  log.error({ error }, 'The disk failed: the node ends');
  process.exit(NODE_EXIT.crashed);
}

/** PROTOCOL.md rule 2: the peers count on promises that this disk knows nothing of. */
export function endAsStranger(log: Log, reason: string): never {
  log.error({}, `${reason} The node ends`);
  process.exit(NODE_EXIT.folderUnusable);
}
