/** Admin.Watch: what a node tells each second, as a stream of messages. */
import type { ServerWritableStream, UntypedHandleCall } from '@grpc/grpc-js';
import { CROWDED_NOTICE, DROPPED_NOTICE, WatcherPace } from '../core/watcher-pace.js';
import type { LiveSource } from '../ports/live.js';
import { refusal } from './grpc-errors.js';

/** The messages of proto/live.proto have the names of core/live-sample.ts, so a sample goes out as it is. */
export function watchHandler(live: LiveSource): UntypedHandleCall {
  const handle = (call: ServerWritableStream<object, object>): void => {
    const pace = new WatcherPace();
    const end = live.watch({
      onSample: (sample) => {
        const next = pace.next(call.writableLength === 0);
        if (next === 'send') call.write(sample);
        if (next !== 'drop') return;
        end?.();
        live.watcherDropped();
        call.emit('error', refusal('OVERLOADED', DROPPED_NOTICE));
      },
      onEnd: () => call.end(),
    });
    if (end === undefined) call.emit('error', refusal('OVERLOADED', CROWDED_NOTICE));
    else call.on('cancelled', end);
  };
  return handle as UntypedHandleCall;
}
