import { PAGE_ITEMS, PAGE_OFFSET_MAX } from '../../core/defaults.js';
import { addClient, wholeNumber } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import { EXIT } from '../exit-codes.js';
import type { ScanCommandOptions } from '../scan.js';

/** They are kept in memory until all are there. */
const ITEMS_MAX = 100_000;

export const registerScan: Register = (program) => {
  addClient(program.command('scan'))
    .description('print keys and values in key order, as lines that import reads, and the cursor of what follows')
    .option('--prefix <text>', 'only keys that begin with this')
    .option('--from <key>', 'the least key, itself included')
    .option('--to <key>', 'keys less than this')
    .option('--reverse', 'the greatest key first')
    .option('--limit <number>', 'items at most', wholeNumber(1, ITEMS_MAX), PAGE_ITEMS)
    .option('--cursor <cursor>', 'go on where an earlier scan with the same options ended')
    .option('--offset <number>', 'leave out this many items; costs as much as listing them', offset)
    .addHelpText(
      'after',
      example(
        'scan --prefix user/ --limit 100',
        'scan --prefix user/ --limit 100 --cursor AQEAAAAA…',
        'scan --from 2024 --to 2025 --reverse --json',
      ),
    )
    .action((options: ScanCommandOptions) =>
      perform(options, async (output) => {
        const { printScan } = await import('../scan.js');
        await printScan(options, output);
        return EXIT.done;
      }),
    );
};

function offset(text: string): number {
  return wholeNumber(0, PAGE_OFFSET_MAX)(text);
}
