import { getJson } from './http-json.js';
import type { NodeChild } from './node-child.js';
import { describeExit, type Exit } from './node-exit.js';
import { logTail } from './node-log.js';
import { waitFor } from './wait.js';

/** Opening a large store after a crash takes a while on a slow disk. */
export const START_TIMEOUT_MS = 60_000;
const PROBE_TIMEOUT_MS = 1_000;

export interface StartProblem {
  /** undefined where the process still runs but did not become ready. */
  readonly exit: Exit | undefined;
  /** What happened, with the end of the node's log. */
  readonly message: string;
}

/** `listening`: it answers over HTTP, but may not reach a majority. */
export type Awaited = 'ready' | 'listening';

/** Waits until the node answers /readyz with 200; otherwise says why it did not. */
export async function awaitReady(
  child: NodeChild,
  timeoutMs = START_TIMEOUT_MS,
  until: Awaited = 'ready',
): Promise<StartProblem | undefined> {
  let reason = 'it did not answer over HTTP';
  const ready = await waitFor(async () => {
    if (child.exit !== undefined) return 'ended';
    const answer = await getJson(child.node.http, '/readyz', PROBE_TIMEOUT_MS);
    const body = answer?.body as { pid?: unknown; reason?: unknown } | undefined;
    // Another program may hold the port: only the answer of this very process counts.
    if (body?.pid !== child.pid) return undefined;
    if (answer?.status === 200 || until === 'listening') return 'ready';
    reason = String(body.reason);
    return undefined;
  }, timeoutMs);
  if (ready === 'ready') return undefined;
  const what = child.exit === undefined ? `was not ready within ${timeoutMs} ms: ${reason}` : describeExit(child.exit);
  return { exit: child.exit, message: withTail(`Node ${child.node.id} ${what}.`, child.folder) };
}

/** The sentence, followed by the end of the log of the node that keeps its data in this folder. */
export function withTail(sentence: string, folder: string): string {
  const tail = logTail(folder);
  return tail.length === 0
    ? sentence
    : [sentence, 'The end of its log:', ...tail.map((line) => `  ${line}`)].join('\n');
}
