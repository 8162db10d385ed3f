import type { DeletedKey, KeyPage } from '../core/key-range.js';
import { decodeRecord, recordHasValue } from './record-codec.js';

/** Makes a page of keys of the records that a store goes through; keeps no values. */
export class KeyPageBuilder {
  readonly #keys: string[] = [];
  readonly #deleted: DeletedKey[] = [];
  #last: string | null = null;
  /** Records, mere promises too. */
  looked = 0;
  bytes = 0;

  /** Throws a CodecError for a record that is damaged. */
  add(key: string, record: Uint8Array): void {
    this.#last = key;
    this.looked += 1;
    this.bytes += record.length;
    if (recordHasValue(record)) {
      this.#keys.push(key);
      return;
    }
    const { state, accepted } = decodeRecord(record);
    if (state !== null) this.#deleted.push({ key, accepted });
  }

  /** `more`: further records follow in the range. */
  page(more: boolean): KeyPage {
    return { keys: this.#keys, deleted: this.#deleted, through: more ? this.#last : null };
  }
}
