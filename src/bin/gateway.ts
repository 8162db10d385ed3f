/** `fulcrum gateway`: composition root of the HTTP gateway, from its client to its end. */
import { nextFreePort } from '../../cluster/free-ports.js';
import { createLogger } from '../adapters/logger.js';
import { createMetrics } from '../adapters/metrics.js';
import { systemClock } from '../adapters/system-clock.js';
import { GATEWAY_PORT_FIRST } from '../core/defaults.js';
import { startGateway, type Gateway } from '../edge/gateway.js';
import { endpointText } from '../edge/l4-backend.js';
import { connect, type Client } from '../index.js';
import type { ClientOptions } from './arguments.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { locateNodes } from './located-cluster.js';
import type { Output } from './output.js';
import { listening } from './start-failure.js';

export interface GatewayCommandOptions extends ClientOptions {
  readonly port?: number | undefined;
  readonly host: string;
  readonly allowHost?: readonly string[] | undefined;
  /** Durations in milliseconds. */
  readonly maxAge: number;
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  /** In MiB. */
  readonly cacheSize: number;
}

const MEBIBYTE = 1024 * 1024;
/** Small values fill the cache by number before they fill it by bytes. */
const ENTRIES_PER_MEBIBYTE = 2_000;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function gateway(options: GatewayCommandOptions, output: Output): Promise<ExitCode> {
  const { maxAge, staleWhileRevalidate, staleIfError, cacheSize } = options;
  const ages = {
    freshMs: maxAge,
    refreshMs: staleWhileRevalidate,
    fallbackMs: staleIfError === 0 ? 0 : maxAge + staleIfError,
  };
  const client = await connect({
    ...(await locateNodes(options)),
    level: options.level,
    name: 'gateway',
    cursorSecret: process.env['FULCRUM_CURSOR_SECRET'] || undefined,
    nearCache: {
      maxAgeMs: ages.freshMs,
      staleWhileRevalidateMs: ages.refreshMs,
      fallbackMs: ages.fallbackMs,
      maxBytes: cacheSize * MEBIBYTE,
      maxEntries: cacheSize * ENTRIES_PER_MEBIBYTE,
    },
  });
  try {
    const port = options.port ?? (await nextFreePort(GATEWAY_PORT_FIRST, new Set(), options.host));
    const address = endpointText({ host: options.host, port });
    const running = await listening(
      'gateway',
      address,
      startGateway({
        ...ages,
        client,
        host: options.host,
        port,
        allowedHosts: options.allowHost,
        clock: systemClock,
        log: createLogger({ fields: { gateway: address } }),
        metrics: createMetrics,
      }),
    );
    tell(running, client, options, output);
    await new Promise<void>((resolve) => {
      for (const signal of STOP_SIGNALS) process.once(signal, () => resolve());
    });
    await running.close();
    return EXIT.done;
  } finally {
    await client.close();
  }
}

function tell({ port }: Gateway, client: Client, { host }: GatewayCommandOptions, output: Output): void {
  const url = `http://${endpointText({ host, port })}`;
  const nodes = client.cluster.nodes.map(({ id }) => id);
  const { bold, dim } = output.style;
  output.result(
    { url, port, nodes, pid: process.pid },
    `${bold('fulcrum')}  gateway at ${bold(url)} for ${nodes.join(', ')}`,
    '',
    dim('  Try next'),
    `  curl -X PUT ${url}/kv/greeting -H content-type:application/json -d '{"hello":"world"}'`,
    `  curl -i ${url}/kv/greeting`,
    `  ${url}/  ${dim('how the cache does')}`,
    '',
  );
}
