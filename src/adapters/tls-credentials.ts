/** Credentials as grpc-js takes them. */
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext } from 'node:tls';
import { credentials, ServerCredentials, type ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';
import type { Tls } from '../ports/tls.js';

/** How a server at an address is dialled. */
export type Dialling = (address: string) => Dialled;

export interface Dialled {
  readonly credentials: ChannelCredentials;
  /** Beside those that are the same with and without TLS. */
  readonly options: ChannelOptions;
}

const INSECURE: Dialled = { credentials: credentials.createInsecure(), options: {} };

/** TLS must not be asked for an address by number (RFC 6066); no server of ours looks at the name it is asked for. */
const NAME_FOR_NUMBERS = 'fulcrum';

/** No certificates on either side. */
export const PLAIN: Dialling = () => INSECURE;

/** Parses the certificates once, for all that is dialled. Without `tls`: {@link PLAIN}. */
export function diallingWith(tls: Tls | undefined): Dialling {
  if (tls === undefined) return PLAIN;
  const [ca, cert, key] = [tls.ca, tls.cert, tls.key].map((pem) => Buffer.from(pem));
  const context = createSecureContext({ ca, cert, key });
  return (address) => {
    const name = tls.name ?? hostOf(address);
    return {
      credentials: credentials.createFromSecureContext(context, {
        checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
      }),
      options: {
        'grpc.ssl_target_name_override': isIP(name) === 0 ? name : NAME_FOR_NUMBERS,
        ...(tls.name === undefined ? {} : { 'grpc.default_authority': name }),
      },
    };
  };
}

/** Takes nobody whose certificate another authority has signed, and nobody without one. Without `tls`: everybody. */
export function serverCredentialsWith(tls: Tls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { ca, cert, key } = tls;
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) };
  return ServerCredentials.createSsl(Buffer.from(ca), [pair], true);
}

/** Of host:port; an IPv6 address stands in brackets there. */
function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}
