/** Runs the fulcrum command as a process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../cluster/wait.js';

const CLI = fileURLToPath(new URL('../../src/bin/cli.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export class RunningCli {
  out = '';
  err = '';
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;

  constructor(folder: string, args: readonly string[], input?: string | Uint8Array, settings: NodeJS.ProcessEnv = {}) {
    const env = {
      ...process.env,
      FULCRUM_CLUSTER: undefined,
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      ...settings,
    };
    this.child = spawn(process.execPath, [CLI, ...args], { cwd: folder, env, stdio: 'pipe' });
    this.child.stdout?.setEncoding('latin1').on('data', (text: string) => (this.out += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    this.child.stdin?.end(input);
    this.finished = once(this.child, 'close').then(([code]) => {
      const out = Buffer.from(this.out, 'latin1').toString('utf8');
      return { code: code as number | null, out, err: this.err };
    });
  }

  /** Waits until standard output or standard error holds this. */
  async says(pattern: RegExp, timeoutMs = 60_000): Promise<void> {
    if (await waitUntil(() => pattern.test(this.out) || pattern.test(this.err), timeoutMs)) return;
    throw new Error(`The command never said ${String(pattern)}. It said:\n${this.out}\n${this.err}`);
  }
}

export function cliIn(folder: string) {
  return (...args: readonly string[]): Promise<Finished> => new RunningCli(folder, args).finished;
}

/** Removed, with the cluster in it stopped first, when the test is over. */
export async function workFolder(t: { teardown: (run: () => Promise<void>) => void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fulcrum-cli-'));
  t.teardown(async () => {
    await cliIn(folder)('down');
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}
