/** Looks at every node again and again, whether anybody connects or not. */
import { get, type ClientRequest } from 'node:http';
import { L4_CHECK_PERIOD_MS, L4_CONNECT_TIMEOUT_MS } from '../core/defaults.js';
import { endpointText, type L4Backend, type L4Endpoint } from './l4-backend.js';
import { afterDeadline, dialNode } from './l4-dial.js';
import type { L4Finding } from './l4-health.js';

export interface L4ChecksOptions {
  readonly backends: readonly L4Backend[];
  /** Whether the node is out: it then has to take a connection, too, before it is back. */
  readonly isDown: (backend: L4Backend) => boolean;
  readonly found: (backend: L4Backend, finding: L4Finding) => void;
  /** From the end of one check of a node to the beginning of the next, in milliseconds; 250 by default. */
  readonly periodMs?: number | undefined;
  /** In milliseconds; 500 by default. */
  readonly timeoutMs?: number | undefined;
}

const OK: L4Finding = { kind: 'ok' };

export class L4Checks {
  readonly #options: L4ChecksOptions;
  readonly #timers = new Map<L4Backend, NodeJS.Timeout>();
  #isStopped = false;

  private constructor(options: L4ChecksOptions) {
    this.#options = options;
  }

  /** Resolves once every node was looked at. */
  static async start(options: L4ChecksOptions): Promise<L4Checks> {
    const checks = new L4Checks(options);
    await Promise.all(options.backends.map((backend) => checks.#look(backend)));
    return checks;
  }

  /** Nothing is found any more, also by checks under way. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  async #look(backend: L4Backend): Promise<void> {
    const { isDown, found, periodMs = L4_CHECK_PERIOD_MS, timeoutMs = L4_CONNECT_TIMEOUT_MS } = this.#options;
    const finding = await checkNode(backend, () => isDown(backend), timeoutMs);
    if (this.#isStopped) return;
    if (finding !== undefined) found(backend, finding);
    this.#timers.set(
      backend,
      setTimeout(() => void this.#look(backend), periodMs),
    );
  }
}

/** Never rejects; undefined where this machine's own trouble keeps it from knowing. */
async function checkNode(backend: L4Backend, isDown: () => boolean, timeoutMs: number): Promise<L4Finding | undefined> {
  if (backend.http === undefined) return checkConnection(backend, timeoutMs);
  const finding = await askReadiness(backend.http, timeoutMs);
  // A node whose HTTP side answers while nobody listens at its address would come back after every refusal, also one
  // that came while its HTTP side was asked.
  return finding.kind === 'ok' && isDown() ? checkConnection(backend, timeoutMs) : finding;
}

async function checkConnection({ address }: L4Backend, timeoutMs: number): Promise<L4Finding | undefined> {
  const dialled = await dialNode(address, timeoutMs);
  if (dialled.kind === 'failed') return dialled.finding;
  dialled.socket.destroy();
  return OK;
}

/** 200: it serves. A refusal counts as any failure: the HTTP side is not where connections go. */
function askReadiness(http: L4Endpoint, timeoutMs: number): Promise<L4Finding> {
  return new Promise((resolve) => {
    const settle = (request: ClientRequest, finding: L4Finding): void => {
      cancel();
      request.destroy();
      resolve(finding);
    };
    const failed = (reason: string): L4Finding => ({
      kind: 'failed',
      reason: `${endpointText(http)}/readyz ${reason}`,
    });
    const request = get({ host: http.host, port: http.port, path: '/readyz', agent: false }, (response) => {
      const { statusCode } = response;
      settle(request, statusCode === 200 ? OK : failed(`says ${statusCode}`));
    });
    const cancel = afterDeadline(timeoutMs, () => settle(request, failed(`does not answer within ${timeoutMs} ms`)));
    request.on('error', (error: NodeJS.ErrnoException) =>
      settle(request, failed(`cannot be asked: ${error.code ?? error.message}`)),
    );
  });
}
