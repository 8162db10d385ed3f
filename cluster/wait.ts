import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;

/** Asks until there is an answer; undefined when `timeoutMs` have passed without one. */
export async function waitFor<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  timeoutMs: number,
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() >= deadline) return undefined;
    await sleep(POLL_MS);
  }
}

/** Whether the condition came to hold within `timeoutMs`. */
export async function waitUntil(holds: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  return (await waitFor(async () => ((await holds()) ? true : undefined), timeoutMs)) ?? false;
}
