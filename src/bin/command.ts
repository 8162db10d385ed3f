import type { Command } from 'commander';
import { exitCodeOf, type ExitCode } from './exit-codes.js';
import { Output } from './output.js';

/** Adds one command to the program. */
export type Register = (program: Command) => void;

/** Carries a command out; what it throws becomes a message and an exit code. */
export async function perform(
  options: { readonly json?: boolean | undefined },
  run: (output: Output) => Promise<ExitCode>,
): Promise<void> {
  const output = new Output(options.json === true);
  try {
    process.exitCode = await run(output);
  } catch (error) {
    output.failure(error);
    process.exitCode = exitCodeOf(error);
  }
}

/** The last part of a command's --help. */
export function example(...lines: readonly string[]): string {
  return `\nExample:\n${lines.map((line) => `  $ npx fulcrum ${line}`).join('\n')}`;
}
