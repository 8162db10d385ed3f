/** What the page hears from its server and asks of it. */
import type { ConsoleView, Control, SecondView } from '../api.js';

const TOKEN_HEADER = 'x-fulcrum-token';
const TOKEN_KEPT_AS = 'fulcrum-token';

export interface Listener {
  view(view: ConsoleView): void;
  seconds(seconds: readonly SecondView[]): void;
  /** Whether the server is heard. */
  connected(isConnected: boolean): void;
  notice(text: string): void;
}

/** Reconnects by itself, as event sources do, unless the server let this page go. */
export function listen(listener: Listener): void {
  const source = new EventSource('/api/events');
  const on = (name: string, use: (data: unknown) => void): void => {
    source.addEventListener(name, (event: MessageEvent<string>) => use(JSON.parse(event.data)));
  };
  on('view', (data) => listener.view(data as ConsoleView));
  on('seconds', (data) => listener.seconds(data as SecondView[]));
  on('notice', (data) => {
    source.close();
    listener.notice((data as { readonly text: string }).text);
  });
  source.addEventListener('open', () => listener.connected(true));
  source.addEventListener('error', () => listener.connected(false));
}

/** The token came in the fragment of the address; it is kept for this tab and taken out of sight. */
export function takeToken(): void {
  const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (given === undefined) return;
  sessionStorage.setItem(TOKEN_KEPT_AS, given);
  history.replaceState(null, '', location.pathname);
}

export function hasToken(): boolean {
  return sessionStorage.getItem(TOKEN_KEPT_AS) !== null;
}

/** Rejects with a message for a person. */
export async function control(what: Control): Promise<void> {
  const answer = await fetch('/api/control', {
    method: 'POST',
    headers: { 'content-type': 'application/json', [TOKEN_HEADER]: sessionStorage.getItem(TOKEN_KEPT_AS) ?? '' },
    body: JSON.stringify(what),
  });
  if (answer.ok) return;
  const { error } = (await answer.json()) as { readonly error: { readonly message: string } };
  throw new Error(error.message);
}
