import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { FaultyStore } from '../../src/adapters/faulty-store.js';
import { openLevelStore } from '../../src/adapters/level-store.js';
import { MemoryDisk, MemoryStore } from '../../src/adapters/memory-store.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import type { Store } from '../../src/ports/store.js';
import type { OpenedStore } from './opened-store.js';
import { describeStore } from './store.js';

/** A store that may be closed and opened again, always over the same data. */
async function opened(open: () => Promise<Store>, remove: () => Promise<void>): Promise<OpenedStore> {
  const store = await open();
  let current = store;
  return {
    store,
    reopen: async () => {
      await current.close();
      current = await open();
      return current;
    },
    dispose: async () => {
      await current.close();
      await remove();
    },
  };
}

describeStore(test, {
  name: 'level store',
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fulcrum-store-'));
    return opened(
      () => openLevelStore({ folder }),
      () => rm(folder, { recursive: true }),
    );
  },
});

describeStore(test, {
  name: 'memory store',
  open: () => {
    const disk = new MemoryDisk();
    return opened(
      () => Promise.resolve(new MemoryStore(disk)),
      () => Promise.resolve(),
    );
  },
});

describeStore(test, {
  name: 'slow store',
  open: () => {
    const disk = new MemoryDisk();
    return opened(
      () => {
        const store = new FaultyStore(new MemoryStore(disk), systemClock);
        store.set({ stalled: false, writeDelayMs: 2 });
        return Promise.resolve(store);
      },
      () => Promise.resolve(),
    );
  },
});
