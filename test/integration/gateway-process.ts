/** `fulcrum gateway` as a process. */
import type { LocalCluster } from '../../cluster/index.js';
import { RunningCli } from './run-cli.js';

export interface GatewayProcess {
  readonly cli: RunningCli;
  readonly url: string;
}

/** Resolves once it listens, on a port of its own; killed when the test is over. */
export async function startGatewayProcess(
  t: { teardown: (run: () => void) => void },
  cluster: LocalCluster,
  ...more: string[]
): Promise<GatewayProcess> {
  const cli = new RunningCli('.', ['gateway', '--cluster', cluster.file, '--port', '0', '--json', ...more]);
  t.teardown(() => void cli.child.kill('SIGKILL'));
  await cli.says(/\}\n/);
  return { cli, url: (JSON.parse(cli.out) as { url: string }).url };
}
