/** `fulcrum balance` as a process of its own, in front of a cluster. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../src/bin/cli.js', import.meta.url));

export class BalancerProcess implements AsyncDisposable {
  private constructor(
    /** host:port where clients reach it. */
    readonly address: string,
    readonly pid: number,
    readonly child: ChildProcess,
  ) {}

  /** Resolves once it listens. */
  static async start(clusterFile: string): Promise<BalancerProcess> {
    const args = [CLI, 'balance', '--cluster', clusterFile, '--port', '0', '--drain', '1ms', '--json'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const first = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [])]);
    const { address } = JSON.parse((first[0] as string | undefined) ?? '{}') as { address?: string };
    if (address === undefined || child.pid === undefined)
      throw new Error(`fulcrum balance did not start: ${String(first[0])}`);
    return new BalancerProcess(address, child.pid, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
