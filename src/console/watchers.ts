/** Pages that watch, by server-sent events. A bounded number of them; one that does not keep up is let go. */
import type { ServerResponse } from 'node:http';
import type { ConsoleView, EventName, SecondView } from './api.js';
import type { Console } from './console.js';

export const WATCHERS_MAX = 16;
/** What may wait to be sent to one watcher. */
const BACKLOG_BYTES_MAX = 2 * 1024 * 1024;

export class Watchers {
  readonly #console: Console;
  readonly #responses = new Set<ServerResponse>();

  constructor(console: Console) {
    this.#console = console;
  }

  /** False where there are too many already: nothing has been written then. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): boolean {
    if (this.#responses.size >= WATCHERS_MAX) return false;
    this.#responses.add(response);
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
    const send = (name: EventName, data: unknown): void => this.#send(response, name, data);
    const leave = this.#console.listen({
      view: (view: ConsoleView) => send('view', view),
      second: (second: SecondView) => send('seconds', [second]),
    });
    response.on('close', () => {
      this.#responses.delete(response);
      leave();
    });
    send('view', this.#console.view());
    send('seconds', this.#console.history());
    return true;
  }

  close(): void {
    for (const response of this.#responses) response.destroy();
  }

  #send(response: ServerResponse, name: EventName, data: unknown): void {
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > BACKLOG_BYTES_MAX) {
      const text = 'This page did not keep up with what it was told, so it was let go. Reload it.';
      return void response.end(event('notice', { text }));
    }
    response.write(event(name, data));
  }
}

function event(name: EventName, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
