/** host:port as it stands in a request. Nothing outside loopback is listened at or connected to. */
import { ApiError } from './api-error.js';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK: Readonly<Record<string, string>> = {
  '': '127.0.0.1',
  localhost: '127.0.0.1',
  '127.0.0.1': '127.0.0.1',
  '[::1]': '::1',
};

/** Where to listen; port 0 stands for any. Throws as the real Toxiproxy does. */
export function listenAddress(address: string): HostPort {
  if (address === '') return { host: '127.0.0.1', port: 0 };
  const { host, port } = split(address);
  const found = LOOPBACK[host];
  if (found !== undefined) return { host: found, port };
  throw new ApiError(`listen tcp ${address}: bind: this server listens on loopback only`, 500);
}

/** undefined for one that cannot be reached from here: every connection to it fails. */
export function upstreamAddress(address: string): HostPort | undefined {
  try {
    const { host, port } = split(address);
    const found = LOOPBACK[host];
    return found === undefined ? undefined : { host: found, port };
  } catch {
    return undefined;
  }
}

export function textOf({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function split(address: string): HostPort {
  const match = /^(\[[^\]]*\]|[^:]*):([^:]*)$/.exec(address);
  if (match === null) throw new ApiError(`address ${address}: missing port in address`, 500);
  const port = match[2] === '' ? 0 : Number(match[2]);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ApiError(`listen tcp: address ${match[2]}: invalid port`, 500);
  }
  return { host: match[1]!, port };
}
