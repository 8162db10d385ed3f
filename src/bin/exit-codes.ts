import { FulcrumError } from '../core/errors.js';

/** What the command tells the shell. */
export const EXIT = {
  done: 0,
  notFound: 1,
  usage: 2,
  failed: 3,
  outcomeUnknown: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  not found, or the condition did not hold
  2  wrong usage: nothing was sent
  3  failed for certain: nothing was changed
  4  outcome unknown: a change may have been made, now or later`;

export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof FulcrumError)) return EXIT.failed;
  switch (error.code) {
    case 'INVALID_ARGUMENT':
      return EXIT.usage;
    case 'NOT_FOUND':
    case 'CONDITION_FAILED':
      return EXIT.notFound;
    default:
      return error.definite ? EXIT.failed : EXIT.outcomeUnknown;
  }
}
