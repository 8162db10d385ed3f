import { get } from 'node:http';
import { parseAddress } from './topology.js';

export interface HttpAnswer {
  readonly status: number;
  /** undefined where the body is not JSON. */
  readonly body: unknown;
}

const BODY_BYTES_MAX = 1024 * 1024;

/** GET on a connection of its own; undefined where nobody answered within `timeoutMs`. */
export async function getJson(address: string, path: string, timeoutMs: number): Promise<HttpAnswer | undefined> {
  const at = parseAddress(address);
  if (at === undefined) return undefined;
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const request = get({ host: at.host, port: at.port, path, agent: false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > BODY_BYTES_MAX) request.destroy();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parseJson(text) }));
      response.on('error', () => resolve(undefined));
      response.on('close', () => resolve(undefined));
    });
    request.on('error', () => resolve(undefined));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
