/** The gateway over HTTP, in front of a scripted cluster whose time the test lets pass. */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { FreshnessOptions } from '../../src/edge/freshness.js';
import { startGateway, type Gateway } from '../../src/edge/gateway.js';
import type { Log } from '../../src/ports/log.js';
import type { MetricFamily } from '../../src/ports/metrics.js';
import { connected, type Connected } from '../client/connected.js';
import { CorrectRegisters } from '../client/correct-registers.js';

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

export interface Served extends Connected {
  readonly registers: CorrectRegisters;
  readonly gateway: Gateway;
  readonly url: string;
  readonly collected: () => readonly MetricFamily[];
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  /** Requests for values that reached the cluster. */
  readonly gets: () => number;
}

const AGES = { freshMs: 10_000, refreshMs: 0, fallbackMs: 0 };

export async function served(t: ExecutionContext, given: Partial<FreshnessOptions> = {}): Promise<Served> {
  const ages = { ...AGES, ...given };
  const nearCache = {
    maxAgeMs: ages.freshMs,
    staleWhileRevalidateMs: ages.refreshMs,
    fallbackMs: ages.fallbackMs,
  };
  const here = await connected({ nearCache, hedge: false });
  const registers = new CorrectRegisters(here.clock);
  here.cluster.script = (_, request) => registers.answer(request);
  let collect: () => readonly MetricFamily[] = () => [];
  const gateway = await startGateway({
    ...ages,
    client: here.client,
    host: '127.0.0.1',
    port: 0,
    clock: here.clock,
    log,
    metrics: (families) => {
      collect = families;
      return { scrape: () => Promise.resolve({ contentType: 'text/plain', text: 'up 1\n' }) };
    },
  });
  t.teardown(() => gateway.close());
  const url = `http://127.0.0.1:${gateway.port}`;
  return {
    ...here,
    registers,
    gateway,
    url,
    collected: () => collect(),
    ask: (path, init) => pumped(here, fetch(`${url}${path}`, init)),
    gets: () => here.cluster.received.filter(({ request }) => request.kind === 'get').length,
  };
}

/** Lets the client's turns pass until the answer is there, and as much time with each. */
export async function pumped<T>({ clock }: Connected, answer: Promise<T>, stepMs = 0): Promise<T> {
  const state = { isThere: false };
  const end = (): void => void (state.isThere = true);
  answer.then(end, end);
  while (!state.isThere) {
    await clock.pass(stepMs);
    await turnOfTheLoop();
  }
  return answer;
}
