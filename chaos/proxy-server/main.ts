/** The embedded Toxiproxy as a process of its own, so that a busy event loop elsewhere delays nobody's data. */
import { parseArgs } from 'node:util';
import { startProxyServer } from './server.js';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    /** 0: any that is free. */
    port: { type: 'string', default: '0' },
    /** End when standard input ends: the parent holds its other end and never writes. */
    'with-parent': { type: 'boolean', default: false },
  },
});

const server = await startProxyServer({ host: values.host, port: Number(values.port) });
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
// Whoever started it may have read enough.
process.stdout.on('error', () => undefined);

const end = (): void => void server.close().finally(() => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
if (values['with-parent']) {
  for (const event of ['end', 'close', 'error']) process.stdin.on(event, end);
  process.stdin.resume();
}
