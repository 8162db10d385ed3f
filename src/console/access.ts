/**
 * Who may do what through the console.
 *
 * Anybody who can open a connection may look, from this machine. Whatever changes the cluster needs the token that was
 * printed at start, in a header that no form and no image of another page can set; it must come from the console's own
 * page (Origin), under a name that is this machine's (Host: a foreign name that was pointed here is refused, also for
 * looking), as JSON, and from this machine unless the console was started for others.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export const TOKEN_HEADER = 'x-fulcrum-token';

export interface AccessRules {
  readonly token: string;
  /** What Host may say, each host:port. */
  readonly hosts: readonly string[];
  /** Whether it was started for other machines as well. */
  readonly isOpen: boolean;
}

export interface Asker {
  readonly headers: IncomingHttpHeaders;
  /** The other end of the connection. */
  readonly remoteAddress: string | undefined;
}

/** `reason`: what happened, and what to do. */
export interface Refusal {
  readonly status: 401 | 403 | 415 | 421;
  readonly code: 'wrong_host' | 'wrong_origin' | 'not_loopback' | 'not_json' | 'no_token';
  readonly reason: string;
}

/** What everybody must pass, for looking as well. */
export function refusalToLook(rules: AccessRules, { headers, remoteAddress }: Asker): Refusal | undefined {
  if (!rules.isOpen && !isLoopback(remoteAddress)) return NOT_LOOPBACK;
  const host = headers.host?.toLowerCase();
  if (host !== undefined && rules.hosts.includes(host)) return undefined;
  return {
    status: 421,
    code: 'wrong_host',
    reason: `This console answers only as ${rules.hosts.join(' or ')}. Open the address that was printed at start.`,
  };
}

/** What a call that changes something must pass. */
export function refusalToChange(rules: AccessRules, asker: Asker): Refusal | undefined {
  return refusalToLook(rules, asker) ?? originRefusal(rules, asker.headers) ?? contentRefusal(rules, asker.headers);
}

/** Browsers send Origin with every POST, programs such as curl do not: those have the token to show. */
function originRefusal(rules: AccessRules, headers: IncomingHttpHeaders): Refusal | undefined {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const isOwn = origin === undefined || rules.hosts.some((host) => origin.toLowerCase() === `http://${host}`);
  if (isOwn && (site === undefined || site === 'same-origin' || site === 'none')) return undefined;
  return {
    status: 403,
    code: 'wrong_origin',
    reason: 'This call came from another page. Only the console itself may change the cluster.',
  };
}

function contentRefusal(rules: AccessRules, headers: IncomingHttpHeaders): Refusal | undefined {
  if (headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    return { status: 415, code: 'not_json', reason: 'Send JSON, with content-type: application/json.' };
  }
  const given = headers[TOKEN_HEADER];
  if (typeof given === 'string' && sameSecret(given, rules.token)) return undefined;
  return {
    status: 401,
    code: 'no_token',
    reason: 'The token is missing or wrong. Open the address that was printed at start: it carries the token.',
  };
}

const NOT_LOOPBACK: Refusal = {
  status: 403,
  code: 'not_loopback',
  reason: 'This console serves its own machine only. Start it with --console-host to serve others.',
};

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::ffff:)?127\.|^::1$/.test(address);
}

/** In the same time whatever they share: digests have one length. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
