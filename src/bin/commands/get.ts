import { addClient, type ClientOptions } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import { EXIT } from '../exit-codes.js';

export const registerGet: Register = (program) => {
  addClient(program.command('get').argument('<key>'))
    .description('print the value of a key: text and bytes as they are, anything else as JSON')
    .addHelpText('after', example('get greeting', 'get greeting --level ONE --json'))
    .action((key: string, options: ClientOptions) =>
      perform(options, async (output) => {
        const [{ withClient }, { printValue }] = await Promise.all([
          import('../with-client.js'),
          import('../print-value.js'),
        ]);
        const result = await withClient(options, (client) => client.get(key, { level: options.level }));
        printValue(result, output);
        return result.found ? EXIT.done : EXIT.notFound;
      }),
    );
};
