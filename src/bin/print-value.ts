import type { GetResult } from '../index.js';
import { toJson } from '../edge/json-value.js';
import type { Output } from './output.js';
import { receiptLine } from './receipt-line.js';

/** Text and bytes exactly as they were stored, so that they survive a pipe; on a terminal a line is ended. */
export function printValue({ key, found, value, version, receipt }: GetResult, output: Output): void {
  if (output.json) {
    const shown = found ? toJson(value) : null;
    return output.result({ key, found, value: shown, version: version ?? null, receipt });
  }
  if (!found) return output.note(`${key} has no value`);
  const content =
    value instanceof Uint8Array || typeof value === 'string' ? value : `${JSON.stringify(toJson(value))}\n`;
  process.stdout.write(content);
  if (!process.stdout.isTTY) return;
  if (typeof content !== 'string' || !content.endsWith('\n')) process.stdout.write('\n');
  output.note(output.noteStyle.dim(receiptLine(receipt)));
}
