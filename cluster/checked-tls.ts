/** Certificates and keys are looked at before anything is dialled: what OpenSSL says of them later helps nobody. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { FulcrumError, invalidArgument } from '../src/core/errors.js';
import type { Tls } from '../src/ports/tls.js';

/** PEM, as text or as the bytes of a file. */
export interface TlsOptions {
  /** The authority, or several, whose signature makes a node believed. */
  readonly ca: string | Uint8Array;
  /** What this client shows; where there are authorities in between, with theirs behind it. */
  readonly cert: string | Uint8Array;
  /** Of `cert`, without a passphrase. */
  readonly key: string | Uint8Array;
  /** What the certificates of nodes must name; by default, each the host that is dialled. */
  readonly name?: string | undefined;
}

/** How the parts are called where one is wrong: by option, or by file. */
export type TlsNames = Readonly<Record<'ca' | 'cert' | 'key', string>>;

const OPTION_NAMES: TlsNames = { ca: 'tls.ca', cert: 'tls.cert', key: 'tls.key' };

/** Throws INVALID_ARGUMENT saying which part is wrong, and what to do. */
export function checkedTls(given: TlsOptions, names: TlsNames = OPTION_NAMES): Tls {
  if (!isObject(given)) throw refusal('tls must be { ca, cert, key, name? }, each in PEM form');
  const { name } = given;
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw refusal('tls.name must be what the certificates of nodes name, or left out');
  }
  const tls = {
    ca: bytesOf(given.ca, names.ca),
    cert: bytesOf(given.cert, names.cert),
    key: bytesOf(given.key, names.key),
  };
  certificateIn(tls.ca, names.ca);
  if (!certificateIn(tls.cert, names.cert).checkPrivateKey(keyIn(tls.key, names.key))) {
    throw refusal(`${names.key} is not the key of ${names.cert}: give the two that were made together`);
  }
  refuseUnusable(tls, names);
  return name === undefined ? tls : { ...tls, name };
}

/** Whatever else OpenSSL has against them: a key that is too small, an authority in between that is none. */
function refuseUnusable({ ca, cert, key }: Tls, names: TlsNames): void {
  const [caPem, certPem, keyPem] = [ca, cert, key].map((pem) => Buffer.from(pem));
  try {
    createSecureContext({ ca: caPem, cert: certPem, key: keyPem });
  } catch (cause) {
    const why = (cause as Error).message;
    throw refusal(`${names.cert}, ${names.key} and ${names.ca} cannot be used together: ${why}`, cause);
  }
}

function bytesOf(pem: unknown, name: string): Uint8Array {
  if (typeof pem === 'string') return Buffer.from(pem);
  if (pem instanceof Uint8Array) return pem;
  throw refusal(`${name} is missing: TLS takes ca, cert and key together, each in PEM form, as text or bytes`);
}

function certificateIn(pem: Uint8Array, name: string): X509Certificate {
  try {
    // It takes other forms as well, which a connection does not.
    if (!Buffer.from(pem).includes('-----BEGIN ')) throw new Error('there is no -----BEGIN in it');
    return new X509Certificate(pem);
  } catch (cause) {
    throw refusal(`${name} holds no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----`, cause);
  }
}

function keyIn(pem: Uint8Array, name: string): KeyObject {
  try {
    return createPrivateKey(Buffer.from(pem));
  } catch (cause) {
    const form = 'which begins with -----BEGIN PRIVATE KEY----- and needs no passphrase';
    throw refusal(`${name} holds no private key in PEM form, ${form}`, cause);
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function refusal(problem: string, cause?: unknown): FulcrumError {
  return new FulcrumError(invalidArgument(`${problem}. Nothing was dialled.`), { cause });
}
