/** Which Toxiproxy the harness uses: TOXIPROXY_URL, else toxiproxy-server on the PATH, else the embedded server. */
import { FulcrumError, invalidArgument } from '../../src/core/errors.js';
import {
  installedToxiproxy,
  startEmbedded,
  startInstalled,
  type ProcessOptions,
  type ToxiproxyProcess,
} from './toxiproxy-process.js';

/** `given`: one that runs already and that nobody here ends. */
export type ToxiproxyKind = 'given' | 'installed' | 'embedded';

export interface ChosenToxiproxy {
  readonly kind: ToxiproxyKind;
  /** http://host:port of the API. */
  readonly url: string;
  /** undefined where it was given. */
  readonly process: ToxiproxyProcess | undefined;
}

export interface ChoiceOptions extends ProcessOptions {
  /** Instead of what the environment says. */
  readonly use?: Exclude<ToxiproxyKind, 'given'> | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export async function chooseToxiproxy(options: ChoiceOptions): Promise<ChosenToxiproxy> {
  const { use, env = process.env } = options;
  const given = env['TOXIPROXY_URL'];
  if (use === undefined && given !== undefined && given !== '') {
    return { kind: 'given', url: loopbackUrl(given), process: undefined };
  }
  const program = use === 'embedded' ? undefined : installedToxiproxy(env['PATH']);
  if (program === undefined && use === 'installed') {
    throw new FulcrumError(invalidArgument('There is no toxiproxy-server on the PATH.'));
  }
  const started = await (program === undefined ? startEmbedded(options) : startInstalled(program, options));
  return { kind: program === undefined ? 'embedded' : 'installed', url: started.url, process: started };
}

/** Throws where it is not on this machine: its proxies must reach nodes on loopback. */
function loopbackUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) return url.origin;
  throw new FulcrumError(
    invalidArgument(`TOXIPROXY_URL must be http://127.0.0.1:PORT or another loopback address, not ${text}`),
  );
}
