/** Makes the near cache of what a client is made of. */
import type { Clock } from '../ports/clock.js';
import type { ValueCodec } from '../ports/value-codec.js';
import { cacheSettingsOf } from './cache-settings.js';
import type { Dispatch } from './dispatch.js';
import type { Engine } from './engine.js';
import { NearCache } from './near-cache.js';
import type { NearCacheOptions } from './options.js';

/** Throws INVALID_ARGUMENT. */
export function openCache(
  options: NearCacheOptions | undefined,
  dispatch: Dispatch,
  engine: Engine,
  { clock, codec }: { readonly clock: Clock; readonly codec: ValueCodec },
): NearCache | undefined {
  if (options === undefined) return undefined;
  const cache = new NearCache({
    clock,
    codec,
    settings: cacheSettingsOf(options),
    policy: () => engine.nodes.policy,
    level: (asked) => dispatch.level(asked),
    deadline: (asked) => dispatch.deadline(asked),
    get: (...asked) => dispatch.get(...asked),
  });
  dispatch.cache = cache;
  return cache;
}
