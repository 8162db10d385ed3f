/** Exit codes of a node process: how whoever started it learns what went wrong. The log says the rest. */
export const NODE_EXIT = {
  stopped: 0,
  crashed: 1,
  badConfiguration: 2,
  portTaken: 10,
  /** In use by another process, of another node, not writable, or damaged. */
  folderUnusable: 11,
} as const;

/** How a process ended: one of the two is not null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export function describeExit(exit: Exit): string {
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  return exit.code === NODE_EXIT.stopped ? 'stopped' : `ended with exit code ${exit.code}`;
}
