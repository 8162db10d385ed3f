import { addClient, wholeNumber } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import type { ImportOptions } from '../import.js';

export const registerImport: Register = (program) => {
  addClient(program.command('import').argument('<file>', 'NDJSON; "-": standard input'))
    .description('store every line {"key": …, "value": …} of a file; bytes are {"$bytes": base64}')
    .option('--concurrency <number>', 'writes under way at once', wholeNumber(1, 10_000), 1_024)
    .option('--skip-invalid', 'go on after a line that cannot be used, instead of stopping there')
    .addHelpText('after', example('import words.ndjson', 'import words.ndjson --level ONE --json'))
    .action((file: string, options: ImportOptions) =>
      perform(options, async (output) => (await import('../import.js')).importFile(file, options, output)),
    );
};
