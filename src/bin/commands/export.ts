import { addClient, type ClientOptions } from '../arguments.js';
import { example, perform, type Register } from '../command.js';

export const registerExport: Register = (program) => {
  addClient(program.command('export').argument('<file>', 'NDJSON to write; "-": standard output'))
    .description('write every key and value, sorted by key, as lines that import reads')
    .addHelpText('after', example('export backup.ndjson', 'export - | gzip > backup.ndjson.gz'))
    .action((file: string, options: ClientOptions) =>
      perform(options, async (output) => (await import('../export.js')).exportFile(file, options, output)),
    );
};
