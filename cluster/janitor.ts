import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process that was started here. */
export interface Watched {
  readonly pid: number;
  onExit(run: () => void): void;
}

/**
 * Reads lines that each list the pids to look after. When its standard input ends, because the process that
 * started it ended in whatever way, it kills those of the last line and removes the folder.
 */
const SCRIPT = `while read -r line; do pids=$line; done
[ -n "$pids" ] && kill -9 $pids 2>/dev/null && sleep 1
[ -n "$1" ] && rm -rf -- "$1"`;

/**
 * Cleans up after a cluster when this process is killed. The nodes end by themselves when their parent is
 * gone, but a paused one cannot, and nobody else would remove the temporary folder.
 */
export class Janitor {
  readonly #child;
  readonly #pids = new Set<number>();

  /** `folder`: to be removed in the end; undefined to keep everything. */
  constructor(folder: string | undefined) {
    this.#child = spawn('/bin/sh', ['-c', SCRIPT, 'fulcrum-janitor', folder ?? ''], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#child.unref();
    (this.#child.stdin as unknown as { unref?: () => void }).unref?.();
    this.#child.stdin.on('error', () => undefined);
    this.#child.on('error', () => undefined);
  }

  /** This process must not outlive the one that started it. */
  watch(child: Watched): void {
    this.#pids.add(child.pid);
    this.#tell();
    child.onExit(() => {
      this.#pids.delete(child.pid);
      this.#tell();
    });
  }

  /** Lets it do its work and waits for it. */
  async finish(): Promise<void> {
    this.#child.ref();
    this.#child.stdin.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  #tell(): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(`${[...this.#pids].join(' ')}\n`);
  }
}
