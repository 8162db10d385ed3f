/** Credentials as grpc-js takes them. */
import { credentials, ServerCredentials, type ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';
import type { Tls } from '../ports/tls.js';

/** How servers are dialled. Made once for many channels: each time, the certificates are parsed. */
export interface Dialling {
  readonly credentials: ChannelCredentials;
  /** Beside those that are the same with and without TLS. */
  readonly options: ChannelOptions;
}

/** Without `tls`: plain connections. */
export function diallingWith(tls: Tls | undefined): Dialling {
  if (tls === undefined) return PLAIN;
  const { ca, cert, key, name } = tls;
  return {
    credentials: credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert)),
    options: name === undefined ? {} : { 'grpc.ssl_target_name_override': name, 'grpc.default_authority': name },
  };
}

/** No certificates on either side. */
export const PLAIN: Dialling = { credentials: credentials.createInsecure(), options: {} };

/** Takes nobody whose certificate another authority has signed, and nobody without one. Without `tls`: everybody. */
export function serverCredentialsWith(tls: Tls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { ca, cert, key } = tls;
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) };
  return ServerCredentials.createSsl(Buffer.from(ca), [pair], true);
}
