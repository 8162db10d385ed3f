/** A `fulcrum` command that serves until it is told to stop, as a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../src/bin/cli.js', import.meta.url));

export class CommandProcess implements AsyncDisposable {
  private constructor(
    /** Where clients reach it: what it calls `address` or `url` once it listens. */
    readonly address: string,
    readonly pid: number,
    readonly child: ChildProcess,
  ) {}

  /** Resolves once it listens. */
  static async start(command: 'balance' | 'gateway', ...more: readonly string[]): Promise<CommandProcess> {
    const args = [CLI, command, '--port', '0', '--json', ...more];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const first = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [])]);
    const said = JSON.parse((first[0] as string | undefined) ?? '{}') as { address?: string; url?: string };
    const address = said.address ?? said.url;
    if (address === undefined || child.pid === undefined)
      throw new Error(`fulcrum ${command} did not start: ${String(first[0])}`);
    return new CommandProcess(address, child.pid, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
