/** Who a client is, as far as limits for each client go: nothing is proven. */
import { CLIENT_NAME_DEFAULT } from '../core/defaults.js';
import { NODE_NAME_LENGTH_MAX } from '../core/ballot.js';

/** The metadata by which unary callers say their name. */
export const CLIENT_HEADER = 'fulcrum-client';

/** The name it gave itself, whichever process and address it comes from; where it gave none, the host it comes from. */
export function clientIdentity(name: string | undefined, peer: string): string {
  const isNamed = name !== undefined && name !== '' && name !== CLIENT_NAME_DEFAULT;
  return isNamed ? `name ${name.slice(0, NODE_NAME_LENGTH_MAX)}` : `host ${hostOf(peer)}`;
}

/** As gRPC writes it: 127.0.0.1:50400, [::1]:50400, with `ipv4:` before it or without. */
function hostOf(peer: string): string {
  return peer.slice(0, Math.max(0, peer.lastIndexOf(':'))).replace(/^ipv[46]:/, '');
}
