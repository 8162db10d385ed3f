/** /live: what a node tells each second, as server-sent events that any browser understands. */
import type { ServerResponse } from 'node:http';
import type { LiveSample } from '../core/live-sample.js';
import { CROWDED_NOTICE, DROPPED_NOTICE, WatcherPace } from '../core/watcher-pace.js';
import type { LiveSource } from '../ports/live.js';

/** After this, a browser whose stream has ended asks again. */
const RETRY_MS = 1_000;

export class LiveEvents {
  readonly #source: LiveSource;
  /** All watchers are told the same: it becomes text once. */
  #last: { readonly sample: LiveSample; readonly text: string } | undefined;

  constructor(source: LiveSource) {
    this.#source = source;
  }

  /** Answers with a stream of events, whose data is a LiveSample each; or with 503 where too many watch already. */
  serve(response: ServerResponse): void {
    const pace = new WatcherPace();
    const end = this.#source.watch({
      onSample: (sample) => {
        const next = pace.next(response.writableLength === 0);
        if (next === 'send') response.write(this.#textOf(sample));
        if (next !== 'drop') return;
        end?.();
        this.#source.watcherDropped();
        response.end(`event: dropped\ndata: ${JSON.stringify({ message: DROPPED_NOTICE })}\n\n`);
        // It would have to be read first.
        response.socket?.destroySoon();
      },
      onEnd: () => response.end(),
    });
    if (end === undefined) {
      response.writeHead(503, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
      response.end(JSON.stringify({ error: CROWDED_NOTICE }));
      return;
    }
    response.once('close', end);
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    response.write(`retry: ${RETRY_MS}\n\n`);
  }

  #textOf(sample: LiveSample): string {
    if (this.#last?.sample !== sample)
      this.#last = { sample, text: `id: ${sample.sequence}\ndata: ${JSON.stringify(sample)}\n\n` };
    return this.#last.text;
  }
}
