import type { Client, MutateResult } from '../../index.js';
import { addClient, type ClientOptions } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import { parseDuration } from '../duration.js';
import { EXIT } from '../exit-codes.js';

interface PutCommandOptions extends ClientOptions {
  readonly ttl?: number | undefined;
  readonly opId?: string | undefined;
  readonly expect?: string | undefined;
}

export const registerPut: Register = (program) => {
  addClient(program.command('put').argument('<key>').argument('[value]', 'text; "-" or nothing: from standard input'))
    .description('store a value under a key')
    .option('--expect <version>', 'only if this version is there; "absent": only if the key has no value')
    .option('--op-id <name>', 'a name for this write: sent again under it, it is carried out once, for 24 hours')
    .option('--ttl <duration>', 'how long the value lives, such as 30s or 2h', parseDuration)
    .addHelpText(
      'after',
      example(
        'put greeting hello --level QUORUM',
        'put photo - < photo.jpg',
        'put lock me --expect absent --ttl 30s',
        'put order 7 --op-id order-123',
      ),
    )
    .action((key: string, value: string | undefined, options: PutCommandOptions) =>
      perform(options, async (output) => {
        const [{ withClient }, { givenValue }, { receiptLine }] = await Promise.all([
          import('../with-client.js'),
          import('../given-value.js'),
          import('../receipt-line.js'),
        ]);
        const content = await givenValue(value);
        const { version, existed, receipt } = await withClient(options, (client) => put(client, key, content, options));
        output.result(
          { key, version, existed: existed ?? null, receipt },
          `stored ${key}  ${output.style.dim(receiptLine(receipt))}`,
        );
        return EXIT.done;
      }),
    );
};

function put(
  client: Client,
  key: string,
  value: string | Uint8Array,
  { level, ttl: ttlMs, opId, expect }: PutCommandOptions,
): Promise<MutateResult> {
  const options = { level, ttlMs, opId };
  return expect === undefined
    ? client.put(key, value, options)
    : client.compareAndSet(key, value, { ...options, expect });
}
