/**
 * Removes the proxies of one cluster from a Toxiproxy server that nobody here ends, once standard input ends: the
 * process that made them holds its other end, so that this happens however that process ends.
 */
import { removeProxies } from '../network.js';

const [url = '', cluster = ''] = process.argv.slice(2);

process.stdin.on('error', () => undefined);
process.stdin.once('close', () => {
  // A server that has ended has no proxies any more.
  removeProxies(url, cluster).then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
process.stdin.resume();
