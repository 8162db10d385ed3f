import type { Client, Entry, GetResult } from '../index.js';
import type { ClientOptions } from './arguments.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { openLineSink, type LineSink } from './line-sink.js';
import { formatLine } from './ndjson-line.js';
import type { Output } from './output.js';
import { startProgress, type Progress } from './progress.js';
import { describeRate, rateOf } from './rate.js';
import { BULK_TIMEOUTS, withClient } from './with-client.js';

/** Keys read together: enough to fill the pipes, little enough that large values fit into memory. */
const KEYS_TOGETHER = 256;

/** Every key and its value, in key order. The file appears whole or not at all. */
export async function exportFile(file: string, options: ClientOptions, output: Output): Promise<ExitCode> {
  const since = performance.now();
  const toStdout = file === '-';
  const write = async (client: Client): Promise<number> => {
    const sink = await openLineSink(file);
    const progress = startProgress(`export ${file}`, undefined, 'keys');
    try {
      const count = await exportLines(client, sink, options, progress);
      await sink.commit();
      return count;
    } catch (error) {
      await sink.abandon();
      throw error;
    } finally {
      progress.stop();
    }
  };
  const exported = await withClient(options, write, BULK_TIMEOUTS);
  const rate = rateOf(exported, since);
  const summary = `exported ${describeRate(exported, rate)}`;
  if (toStdout) output.note(summary);
  else output.result({ file, exported, ...rate }, summary);
  return EXIT.done;
}

async function exportLines(
  client: Client,
  sink: LineSink,
  options: ClientOptions,
  progress: Progress,
): Promise<number> {
  const level = options.level ?? 'QUORUM';
  const read = (keys: readonly string[]): Promise<Entry<GetResult>[]> => client.getMany(keys, { level });
  let count = 0;
  const write = async (entries: readonly Entry<GetResult>[]): Promise<void> => {
    const found = entries.map(resultOf).filter((result) => result.found);
    count += found.length;
    await sink.write(found.map(formatLine).join(''));
    progress.update(count);
  };
  // While one group is written, the next one is read.
  let reading: Promise<Entry<GetResult>[]> | undefined;
  for await (const keys of groups(client.listKeys())) {
    const next = read(keys);
    if (reading !== undefined) await write(await reading);
    reading = next;
  }
  if (reading !== undefined) await write(await reading);
  return count;
}

function resultOf(entry: Entry<GetResult>): GetResult {
  if (entry.ok) return entry.result;
  throw entry.error;
}

async function* groups(pages: AsyncIterable<readonly string[]>): AsyncGenerator<readonly string[]> {
  for await (const page of pages) {
    for (let from = 0; from < page.length; from += KEYS_TOGETHER) yield page.slice(from, from + KEYS_TOGETHER);
  }
}
