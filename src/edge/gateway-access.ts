/**
 * Who may ask a gateway. It serves whoever can connect, and listens on this machine only unless told otherwise; browsers
 * alone can be led to it by a page from elsewhere. So it answers only under names that are its own (a foreign name that was
 * pointed here, by DNS rebinding, is refused), and takes no write from another site's page.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** What Host may say, without the port, in lower case; undefined: anything. */
export type HostNames = readonly string[] | undefined;

export interface AccessRefusal {
  readonly status: 403 | 421;
  readonly reason: string;
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** `host`: where it listens. Off loopback the operator has decided who gets here, and under which names. */
export function hostNames(host: string, allowed: readonly string[]): HostNames {
  const isLoopback = host === 'localhost' || host === '::1' || /^127\./.test(host);
  if (!isLoopback && allowed.length === 0) return undefined;
  return [...LOOPBACK_NAMES, host, ...allowed].map((name) => name.toLowerCase());
}

export function accessRefusal(
  names: HostNames,
  method: string,
  headers: IncomingHttpHeaders,
): AccessRefusal | undefined {
  const host = headers.host?.toLowerCase() ?? '';
  if (names !== undefined && !names.includes(host.replace(/:\d+$/, ''))) {
    const reason = `This gateway does not answer as ${host || 'nobody'}. Use ${names[0]}, or start it with --allow-host.`;
    return { status: 421, reason };
  }
  const { origin, 'sec-fetch-site': site } = headers;
  const isOwn = origin === undefined || originHost(origin) === host;
  const isForeign = !isOwn || site === 'cross-site' || site === 'same-site';
  if (method === 'GET' || !isForeign) return undefined;
  return { status: 403, reason: 'This write came from a page of another site. Nothing was done.' };
}

function originHost(origin: string): string {
  return origin.toLowerCase().replace(/^https?:\/\//, '');
}
