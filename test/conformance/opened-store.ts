/** What a check of a store is given. */
import type { ExecutionContext } from 'ava';
import type { Store } from '../../src/ports/store.js';

export interface OpenedStore {
  readonly store: Store;
  readonly reopen: () => Promise<Store>;
  readonly dispose: () => Promise<void>;
}

export type Check = (title: string, body: (t: ExecutionContext, opened: OpenedStore) => Promise<void>) => void;
