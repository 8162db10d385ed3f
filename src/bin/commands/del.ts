import { addClient, type ClientOptions } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import { EXIT } from '../exit-codes.js';

interface DelCommandOptions extends ClientOptions {
  readonly opId?: string | undefined;
  readonly expect?: string | undefined;
}

export const registerDel: Register = (program) => {
  addClient(program.command('del').argument('<key>'))
    .description('delete a key; one that has no value is no error')
    .option('--expect <version>', 'only if this version is there')
    .option('--op-id <name>', 'a name for this deletion: sent again under it, it is carried out once, for 24 hours')
    .addHelpText(
      'after',
      example('del greeting', 'del greeting --json', 'del lock --expect mf0x3k1q2w.0.0.9f3a5c1d2e4b6a78'),
    )
    .action((key: string, options: DelCommandOptions) =>
      perform(options, async (output) => {
        const [{ withClient }, { receiptLine }] = await Promise.all([
          import('../with-client.js'),
          import('../receipt-line.js'),
        ]);
        const { level, opId, expect } = options;
        const { version, existed, receipt } = await withClient(options, (client) =>
          client.delete(key, { level, opId, expect }),
        );
        const done = existed === false ? `${key} had no value` : `deleted ${key}`;
        output.result(
          { key, version, existed: existed ?? null, receipt },
          `${done}  ${output.style.dim(receiptLine(receipt))}`,
        );
        return EXIT.done;
      }),
    );
};
