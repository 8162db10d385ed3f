/** The calls of a store as promises. */
import type { Record } from '../../src/core/register.js';
import type { KeyPage, KeyRange } from '../../src/core/key-range.js';
import type { Expiry, Note, NoteChange, RecordPage, Store, StoreChange } from '../../src/ports/store.js';

export function read(store: Store, keys: readonly string[]): Promise<readonly (Record | undefined)[]> {
  return new Promise((resolve, reject) => {
    store.read(keys, (error, records) => {
      if (error === null) resolve(records);
      else reject(error);
    });
  });
}

export function write(store: Store, records: readonly StoreChange[], notes: readonly NoteChange[] = []): Promise<void> {
  return new Promise((resolve, reject) => {
    store.write({ records, notes }, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

export function scan(store: Store, after = '', limit = 1000): Promise<RecordPage> {
  return new Promise((resolve, reject) => {
    store.scan(after, limit, (error, page) => {
      if (error === null) resolve(page);
      else reject(error);
    });
  });
}

/** The conflict ledger's. */
export function notes(store: Store, prefix = '', after = '', limit = 1000): Promise<readonly Note[]> {
  return new Promise((resolve, reject) => {
    store.notes('conflict', prefix, after, limit, (error, found) => {
      if (error === null) resolve(found);
      else reject(error);
    });
  });
}

export const EVERYTHING: KeyRange = { from: '', to: '', reverse: false };

export function list(store: Store, range: Partial<KeyRange> = {}, limit = 1000): Promise<KeyPage> {
  return new Promise((resolve, reject) => {
    store.list({ ...EVERYTHING, ...range }, limit, (error, page) => {
      if (error === null) resolve(page);
      else reject(error);
    });
  });
}

export function expiring(
  store: Store,
  until: number,
  limit = 1000,
  after: Expiry | null = null,
): Promise<readonly Expiry[]> {
  return new Promise((resolve, reject) => {
    store.expiring(after, until, limit, (error, expiries) => {
      if (error === null) resolve(expiries);
      else reject(error);
    });
  });
}

export function forgetExpiries(store: Store, expiries: readonly Expiry[]): Promise<void> {
  return new Promise((resolve, reject) => {
    store.forgetExpiries(expiries, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
